// SPDX-License-Identifier: BSL-1.0
// The version of smx. CMake, the package files and the ABI namespace read it from here.
#pragma once

#define SMX_VERSION_MAJOR 0
#define SMX_VERSION_MINOR 1
#define SMX_VERSION_PATCH 0
#define SMX_VERSION_STRING "0.1.0"

/// One number to compare: 100 for 0.1.0.
#define SMX_VERSION (SMX_VERSION_MAJOR * 10000 + SMX_VERSION_MINOR * 100 + SMX_VERSION_PATCH)
