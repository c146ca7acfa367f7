// SPDX-License-Identifier: BSL-1.0
// Which processor runs this, as far as it decides how memory is read and written.
#pragma once

#include <smx/detail/config.hpp>

SMX_BEGIN
namespace simd {

/// Those that were measured: of AMD up to Zen 4, of AMD since, of Intel since Sapphire Rapids, and all others, which
/// are taken for an earlier one of Intel.
enum class processor { other, zen4, zen5, sapphire_rapids };

/// What the start of the program found; before that, in constructors of other files, perhaps `other`. Zen 5 is what has
/// VP2INTERSECT, Sapphire Rapids what has BF16 and VBMI: compilers of their time know no names for them.
SMX_INLINE processor this_processor() {
#if defined(__GNUC__) && defined(__x86_64__)
    if (__builtin_cpu_is("amd") != 0)
        return __builtin_cpu_supports("avx512vp2intersect") != 0 ? processor::zen5 : processor::zen4;
    if (__builtin_cpu_supports("avx512bf16") != 0 && __builtin_cpu_supports("avx512vbmi") != 0)
        return processor::sapphire_rapids;
#endif
    return processor::other;
}

} // namespace simd
SMX_END
