# SPDX-License-Identifier: BSL-1.0
# smx_add_bench: a Google Benchmark program, optimised for this machine.

find_package(benchmark CONFIG QUIET)
if(NOT TARGET benchmark::benchmark)
  message(FATAL_ERROR "The benchmarks of smx need Google Benchmark. Install it (Debian: libbenchmark-dev), or configure "
                      "with -DSMX_BUILD_BENCH=OFF.")
endif()

# smx_add_bench(NAME softmax SOURCES softmax.cpp [LIBRARIES ...] [CHECK_ARGUMENTS ...])
# makes the target bench.softmax and the program bin/bench_softmax; with CHECK_ARGUMENTS also a test that runs it so.
function(smx_add_bench)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;LIBRARIES;CHECK_ARGUMENTS")
  if(NOT arg_NAME OR NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "smx_add_bench(NAME name SOURCES file... [LIBRARIES library...] [CHECK_ARGUMENTS argument...]); "
                        "left over: '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  set(target bench.${arg_NAME})
  add_executable(${target} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME bench_${arg_NAME} RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:-O3>)
  target_link_libraries(${target} PRIVATE smx::smx smx::native smx_warnings benchmark::benchmark ${arg_LIBRARIES})
  if(arg_CHECK_ARGUMENTS)
    add_test(NAME ${target} COMMAND ${target} ${arg_CHECK_ARGUMENTS})
    set_tests_properties(${target} PROPERTIES LABELS bench RUN_SERIAL TRUE)
  endif()
endfunction()
