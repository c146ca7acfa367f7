# SPDX-License-Identifier: BSL-1.0
# smx_add_test: one source, one executable per instruction set; a missing instruction set is reported as skipped.

include(SmxGoogleTest)
include(SmxInstructionSets)

set(SMX_ISAS "${smx_isas_of_this_machine}" CACHE STRING "Instruction sets that the tests are compiled for")
set(SMX_TEST_SKIPPED 77)

# main() for one instruction set, and the guard of programs that have a main() of their own. They ask the processor before
# anything else runs, so they are themselves compiled without the instructions that they ask for.
function(smx_add_guard target isa)
  if(NOT DEFINED SMX_OPTIONS_OF_${isa})
    message(FATAL_ERROR "SMX_ISAS: '${isa}' is not one of avx512, avx2, few, avx, baseline, neon")
  endif()
  if(NOT TARGET ${target})
    add_library(${target} OBJECT "${PROJECT_SOURCE_DIR}/tests/support/isa_main.cpp")
    target_compile_definitions(${target} PRIVATE SMX_MAIN_FOR_${isa} SMX_TEST_SKIPPED=${SMX_TEST_SKIPPED} ${ARGN})
    target_compile_features(${target} PRIVATE cxx_std_20)
    target_link_libraries(${target} PRIVATE GTest::gtest smx_warnings)
  endif()
endfunction()
function(smx_require_main_for isa)
  smx_add_guard(smx_main_for_${isa} ${isa})
endfunction()
function(smx_require_guard_for isa)
  smx_add_guard(smx_guard_for_${isa} ${isa} SMX_TEST_HAS_ITS_OWN_MAIN)
endfunction()

# smx_add_test(NAME softmax_values SOURCES softmax_values_test.cpp [ISAS avx512 avx2 baseline neon] [LIBRARIES ...])
# makes softmax_values.avx512 and so on: those of ISAS (default: all) that are also in SMX_ISAS.
function(smx_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;ISAS;LIBRARIES")
  if(NOT arg_NAME OR NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "smx_add_test(NAME name SOURCES file... [ISAS isa...] [LIBRARIES library...]); "
                        "left over: '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  if(NOT arg_ISAS)
    set(arg_ISAS ${SMX_ISAS})
  endif()
  foreach(isa IN LISTS SMX_ISAS)
    if(isa IN_LIST arg_ISAS)
      smx_require_main_for(${isa})
      set(target ${arg_NAME}.${isa})
      add_executable(${target} ${arg_SOURCES})
      target_compile_options(${target} PRIVATE ${SMX_OPTIONS_OF_${isa}})
      target_link_libraries(${target} PRIVATE smx_main_for_${isa} smx::smx smx_warnings GTest::gtest ${arg_LIBRARIES})
      add_test(NAME ${target} COMMAND ${target})
      set_tests_properties(${target} PROPERTIES SKIP_RETURN_CODE ${SMX_TEST_SKIPPED} LABELS "${isa}")
    endif()
  endforeach()
endfunction()

# smx_add_test_for(isa NAME ... SOURCES ...): the same for one instruction set that is not in SMX_ISAS.
function(smx_add_test_for isa)
  set(SMX_ISAS ${isa})
  smx_add_test(${ARGN})
endfunction()
