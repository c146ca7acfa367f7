# SPDX-License-Identifier: BSL-1.0
# What we ask of our own sources, and of nobody else's: warnings are errors.

add_library(smx_warnings INTERFACE)
target_compile_options(smx_warnings INTERFACE
  $<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror>
  $<$<CXX_COMPILER_ID:MSVC>:/W4 /WX>)
