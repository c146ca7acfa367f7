# SPDX-License-Identifier: BSL-1.0
# Installs the headers, the CMake package and the pkg-config file. Nothing in them names the prefix, so the installed
# tree can be moved.

include(CMakePackageConfigHelpers)

set(smx_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/smx")
set(smx_pkgconfig_dir "${CMAKE_INSTALL_DATADIR}/pkgconfig")
set(smx_build_dir "${PROJECT_BINARY_DIR}/package")

install(DIRECTORY include/smx DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATADIR}/licenses/smx")

# The CMake package.
install(TARGETS smx smx_native EXPORT smxTargets)
install(EXPORT smxTargets NAMESPACE smx:: DESTINATION "${smx_package_dir}")
configure_package_config_file(cmake/smxConfig.cmake.in "${smx_build_dir}/smxConfig.cmake"
  INSTALL_DESTINATION "${smx_package_dir}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${smx_build_dir}/smxConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${smx_build_dir}/smxConfig.cmake" "${smx_build_dir}/smxConfigVersion.cmake"
  cmake/SmxDependencies.cmake cmake/SmxVersion.cmake DESTINATION "${smx_package_dir}")

# The pkg-config file.
file(RELATIVE_PATH smx_pkgconfig_to_prefix "/${smx_pkgconfig_dir}" "/")
configure_file(cmake/smx.pc.in "${smx_build_dir}/smx.pc" @ONLY)
install(FILES "${smx_build_dir}/smx.pc" DESTINATION "${smx_pkgconfig_dir}")
