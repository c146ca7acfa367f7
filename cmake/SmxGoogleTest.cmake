# SPDX-License-Identifier: BSL-1.0
# GTest::gtest: the installed package, or, where none is built for the target machine, Debian's sources of it.

find_package(GTest CONFIG QUIET)
if(NOT TARGET GTest::gtest)
  set(SMX_GOOGLETEST_SOURCE_DIR /usr/src/googletest CACHE PATH "Sources of GoogleTest, used where no package is found")
  if(NOT EXISTS "${SMX_GOOGLETEST_SOURCE_DIR}/CMakeLists.txt")
    message(FATAL_ERROR "The tests of smx need GoogleTest. Install it (Debian: libgtest-dev; for a cross build "
                        "googletest), or configure with -DSMX_BUILD_TESTS=OFF.")
  endif()
  set(INSTALL_GTEST OFF)
  set(BUILD_GMOCK OFF)
  add_subdirectory("${SMX_GOOGLETEST_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/googletest" EXCLUDE_FROM_ALL)
  if(NOT TARGET GTest::gtest)
    add_library(GTest::gtest ALIAS gtest)
  endif()
endif()
