# SPDX-License-Identifier: BSL-1.0
# Which peers there are: sets peer_sources and peer_libraries. A peer that is found is a source that is compiled in; nothing
# else knows which there are.

include(CheckCXXSourceCompiles)

set(found)
set(missing)
set(peer_libraries)

# peer(eigen "libeigen3-dev" NEEDS Eigen3_FOUND LIBRARIES Eigen3::Eigen): against/eigen.cpp, if all variables are true.
macro(peer name packages)
  cmake_parse_arguments(peer "" "" "NEEDS;LIBRARIES" ${ARGN})
  set(peer_is_found TRUE)
  foreach(need IN LISTS peer_NEEDS)
    if(NOT ${need})
      set(peer_is_found FALSE)
    endif()
  endforeach()
  if(peer_is_found)
    list(APPEND found ${name})
    list(APPEND peer_libraries ${peer_LIBRARIES})
  else()
    list(APPEND missing "${name} (${packages})")
  endif()
endmacro()

set(CMAKE_REQUIRED_FLAGS "${isa_flags}")
check_cxx_source_compiles("#if !defined(__AVX2__) || !defined(__FMA__)\n#error\n#endif\nint main() {}" SMX_BENCH_HAS_AVX2)
unset(CMAKE_REQUIRED_FLAGS)

find_package(Eigen3 3.4 CONFIG QUIET)
find_package(dnnl 2 CONFIG QUIET)
find_package(hwy CONFIG QUIET)
find_path(SMX_XNNPACK_INCLUDE_DIR xnnpack.h)
find_path(SMX_PTHREADPOOL_INCLUDE_DIR pthreadpool.h) # xnnpack.h includes it
find_library(SMX_XNNPACK_LIBRARY XNNPACK)
find_path(SMX_SLEEF_INCLUDE_DIR sleef.h)
find_library(SMX_SLEEF_LIBRARY sleef)
# Not by find_package(Torch), which sets flags of its own for all that links it.
find_path(SMX_TORCH_INCLUDE_DIR ATen/ops/_softmax.h)
find_library(SMX_TORCH_LIBRARY torch_cpu)
find_library(SMX_C10_LIBRARY c10)
set(SMX_XNNPACK_KERNELS_LIBRARY "" CACHE FILEPATH "Static library of XNNPACK's micro-kernels, from a build of your own")
mark_as_advanced(SMX_XNNPACK_INCLUDE_DIR SMX_PTHREADPOOL_INCLUDE_DIR SMX_XNNPACK_LIBRARY SMX_SLEEF_INCLUDE_DIR
  SMX_SLEEF_LIBRARY SMX_TORCH_INCLUDE_DIR SMX_TORCH_LIBRARY SMX_C10_LIBRARY)

peer(std_exp "the C++ library")
peer(xsimd_exp "libxsimd-dev")
peer(sleef "libsleef-dev, AVX2" NEEDS SMX_SLEEF_INCLUDE_DIR SMX_SLEEF_LIBRARY SMX_BENCH_HAS_AVX2
  LIBRARIES ${SMX_SLEEF_LIBRARY})
peer(highway "libhwy-dev" NEEDS hwy_FOUND LIBRARIES hwy::hwy)
peer(eigen "libeigen3-dev" NEEDS Eigen3_FOUND LIBRARIES Eigen3::Eigen)
peer(onednn "libdnnl-dev" NEEDS dnnl_FOUND LIBRARIES DNNL::dnnl ${CMAKE_DL_LIBS})
peer(libtorch "libtorch-dev" NEEDS SMX_TORCH_INCLUDE_DIR SMX_TORCH_LIBRARY SMX_C10_LIBRARY
  LIBRARIES ${SMX_TORCH_LIBRARY} ${SMX_C10_LIBRARY})
peer(xnnpack "libxnnpack-dev libpthreadpool-dev"
  NEEDS SMX_XNNPACK_INCLUDE_DIR SMX_PTHREADPOOL_INCLUDE_DIR SMX_XNNPACK_LIBRARY LIBRARIES ${SMX_XNNPACK_LIBRARY})
peer(xnnpack_kernels "SMX_XNNPACK_KERNELS_LIBRARY, AVX2" NEEDS SMX_XNNPACK_KERNELS_LIBRARY SMX_BENCH_HAS_AVX2
  LIBRARIES ${SMX_XNNPACK_KERNELS_LIBRARY})
peer(memcpy "the C library")

list(JOIN found ", " found_text)
list(JOIN missing ", " missing_text)
message(STATUS "Benchmark peers: ${found_text}")
if(missing)
  message(STATUS "Benchmark peers not found: ${missing_text}")
endif()
list(TRANSFORM found PREPEND against/ OUTPUT_VARIABLE peer_sources)
list(TRANSFORM peer_sources APPEND .cpp)
