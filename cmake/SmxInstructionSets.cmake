# SPDX-License-Identifier: BSL-1.0
# The instruction sets that this kind of machine may have, and the options that compile for each.

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(smx_isas_of_this_machine avx512 avx2 baseline)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(smx_isas_of_this_machine neon)
else()
  set(smx_isas_of_this_machine baseline)
endif()

set(SMX_OPTIONS_OF_avx512 -march=x86-64-v4)
set(SMX_OPTIONS_OF_avx2 -march=x86-64-v3)
set(SMX_OPTIONS_OF_few -march=x86-64-v3 -DSMX_FEW_KERNELS) # AVX2 as those compile it who want little code
set(SMX_OPTIONS_OF_avx -mavx) # AVX without AVX2: has code of its own in simd/ alone
set(SMX_OPTIONS_OF_baseline "")
set(SMX_OPTIONS_OF_neon "")
