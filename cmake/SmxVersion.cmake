# SPDX-License-Identifier: BSL-1.0
# Reads a version from the header that defines it, so that no version is written down twice.

# smx_version_of(<variable> <header> <prefix>): "1.2.3" from <prefix>_MAJOR 1, <prefix>_MINOR 2, <prefix>_PATCH 3.
# Empty if the header does not say.
function(smx_version_of variable header prefix)
  set(parts "")
  foreach(part IN ITEMS MAJOR MINOR PATCH)
    file(STRINGS "${header}" line REGEX "^ *# *define +${prefix}_${part} +[0-9]+")
    if(line MATCHES "${prefix}_${part} +([0-9]+)")
      list(APPEND parts "${CMAKE_MATCH_1}")
    endif()
  endforeach()
  list(LENGTH parts length)
  if(NOT length EQUAL 3)
    set(parts "")
  endif()
  list(JOIN parts "." version)
  set(${variable} "${version}" PARENT_SCOPE)
endfunction()
