// SPDX-License-Identifier: BSL-1.0
// Everything.
#pragma once

#include <smx/clipped_softmax.hpp>
#include <smx/entmax.hpp>
#include <smx/log_quantized_softmax.hpp>
#include <smx/log_softmax.hpp>
#include <smx/log_stablemax.hpp>
#include <smx/log_sum_exp.hpp>
#include <smx/lssar.hpp>
#include <smx/online_state.hpp>
#include <smx/quantized_softmax.hpp>
#include <smx/relu.hpp>
#include <smx/scores.hpp>
#include <smx/sigmoid.hpp>
#include <smx/sink_softmax.hpp>
#include <smx/softmax.hpp>
#include <smx/softplus.hpp>
#include <smx/sparsemax.hpp>
#include <smx/stablemax.hpp>
#include <smx/top_k_softmax.hpp>
#include <smx/version.hpp>
