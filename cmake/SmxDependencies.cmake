# SPDX-License-Identifier: BSL-1.0
# Finds xsimd and defines smx::xsimd: in the build of smx, and, installed next to smxConfig.cmake, for its users.
#
# Tried in this order: the folder SMX_XSIMD_INCLUDE_DIR, a target of the enclosing project, xsimd's own package, and a
# search for the header. If all fail, smx::xsimd does not exist and SMX_XSIMD_ERROR says why.

include("${CMAKE_CURRENT_LIST_DIR}/SmxVersion.cmake")
set(SMX_XSIMD_OLDEST 8.1)
set(SMX_XSIMD_ERROR "")

# Headers of the host are good enough for a cross build, because xsimd has nothing but headers. /usr/include as a whole is
# not: so a link to the one folder is made.
function(smx_isolated_xsimd_folder variable folder)
  set(isolated "${CMAKE_BINARY_DIR}/smx-xsimd")
  file(MAKE_DIRECTORY "${isolated}")
  file(CREATE_LINK "${folder}/xsimd" "${isolated}/xsimd" COPY_ON_ERROR SYMBOLIC)
  set(${variable} "${isolated}" PARENT_SCOPE)
endfunction()

# smx::xsimd from a folder that holds xsimd/xsimd.hpp.
function(smx_use_xsimd_folder folder scope)
  smx_version_of(version "${folder}/xsimd/config/xsimd_config.hpp" XSIMD_VERSION)
  if(version VERSION_LESS SMX_XSIMD_OLDEST)
    set(SMX_XSIMD_ERROR "xsimd in ${folder} is ${version}; smx needs ${SMX_XSIMD_OLDEST} or newer" PARENT_SCOPE)
    return()
  endif()
  if(CMAKE_CROSSCOMPILING AND folder STREQUAL "/usr/include")
    smx_isolated_xsimd_folder(folder "${folder}")
  endif()
  add_library(smx::xsimd INTERFACE IMPORTED ${scope})
  set_target_properties(smx::xsimd PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${folder}")
  set(SMX_XSIMD_VERSION "${version}" PARENT_SCOPE)
endfunction()

# smx::xsimd from the target `xsimd`, which has no namespace in any version of xsimd.
function(smx_use_xsimd_target scope)
  if(xsimd_VERSION AND xsimd_VERSION VERSION_LESS SMX_XSIMD_OLDEST)
    set(SMX_XSIMD_ERROR "xsimd is ${xsimd_VERSION}; smx needs ${SMX_XSIMD_OLDEST} or newer" PARENT_SCOPE)
    return()
  endif()
  add_library(smx::xsimd INTERFACE IMPORTED ${scope})
  set_target_properties(smx::xsimd PROPERTIES
    INTERFACE_LINK_LIBRARIES xsimd
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "$<TARGET_PROPERTY:xsimd,INTERFACE_INCLUDE_DIRECTORIES>")
  set(SMX_XSIMD_VERSION "${xsimd_VERSION}" PARENT_SCOPE)
endfunction()

# Debian 12's target asks for the library xtl, which is a header, and not a dependency of the package: -lxtl cannot link.
function(smx_repair_xsimd_target)
  get_target_property(libraries xsimd INTERFACE_LINK_LIBRARIES)
  if(NOT libraries OR NOT "xtl" IN_LIST libraries OR TARGET xtl)
    return()
  endif()
  find_package(xtl CONFIG QUIET)
  if(NOT TARGET xtl)
    list(REMOVE_ITEM libraries xtl)
    set_property(TARGET xsimd PROPERTY INTERFACE_LINK_LIBRARIES "${libraries}")
  elseif(SMX_IMPORTED_SCOPE STREQUAL "GLOBAL")
    set_property(TARGET xtl PROPERTY IMPORTED_GLOBAL TRUE)
  endif()
endfunction()

if(NOT TARGET smx::xsimd)
  if(SMX_XSIMD_INCLUDE_DIR)
    if(EXISTS "${SMX_XSIMD_INCLUDE_DIR}/xsimd/xsimd.hpp")
      smx_use_xsimd_folder("${SMX_XSIMD_INCLUDE_DIR}" "${SMX_IMPORTED_SCOPE}")
    else()
      set(SMX_XSIMD_ERROR "SMX_XSIMD_INCLUDE_DIR is ${SMX_XSIMD_INCLUDE_DIR}, which holds no xsimd/xsimd.hpp")
    endif()
  else()
    if(NOT TARGET xsimd)
      # Never with a version: xsimd's version file refuses every other major version, so "8.1" would refuse 14.
      find_package(xsimd CONFIG QUIET)
      if(TARGET xsimd AND SMX_IMPORTED_SCOPE STREQUAL "GLOBAL")
        set_property(TARGET xsimd PROPERTY IMPORTED_GLOBAL TRUE)
      endif()
    endif()
    if(TARGET xsimd)
      smx_repair_xsimd_target()
      smx_use_xsimd_target("${SMX_IMPORTED_SCOPE}")
    else()
      find_path(SMX_XSIMD_FOUND_DIR xsimd/xsimd.hpp CMAKE_FIND_ROOT_PATH_BOTH)
      mark_as_advanced(SMX_XSIMD_FOUND_DIR)
      if(SMX_XSIMD_FOUND_DIR)
        smx_use_xsimd_folder("${SMX_XSIMD_FOUND_DIR}" "${SMX_IMPORTED_SCOPE}")
      else()
        set(SMX_XSIMD_ERROR
          "xsimd was not found. Install it (Debian: libxsimd-dev), or set SMX_XSIMD_INCLUDE_DIR to the folder of xsimd/")
      endif()
    endif()
  endif()
endif()
