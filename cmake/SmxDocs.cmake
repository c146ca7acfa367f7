# SPDX-License-Identifier: BSL-1.0
# The target `docs`, where Doxygen is: the reference in the folder docs of the build. Its warnings are errors.

find_package(Doxygen QUIET)
if(NOT TARGET Doxygen::doxygen)
  return()
endif()
set(SMX_DOCS_DIR "${PROJECT_BINARY_DIR}/docs")
configure_file(cmake/Doxyfile.in "${SMX_DOCS_DIR}/Doxyfile" @ONLY)
add_custom_target(docs
  COMMAND Doxygen::doxygen Doxyfile
  WORKING_DIRECTORY "${SMX_DOCS_DIR}"
  COMMENT "The reference: ${SMX_DOCS_DIR}/html/index.html"
  VERBATIM)
