// SPDX-License-Identifier: BSL-1.0
// Everything.
#pragma once

#include <smx/online_state.hpp>
#include <smx/softmax.hpp>
#include <smx/version.hpp>
