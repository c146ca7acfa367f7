# SPDX-License-Identifier: BSL-1.0
# smx_add_example: a program compiled for this machine, and run as a test.

include(SmxInstructionSets)

# smx_add_example(NAME digits SOURCES digits/digits.cpp [ARGUMENTS ...] [LIBRARIES ...] [FOR_ANY_MACHINE])
# makes the target example.digits, the program bin/digits, and a test that runs it with the arguments.
# FOR_ANY_MACHINE: not compiled for this one.
function(smx_add_example)
  cmake_parse_arguments(PARSE_ARGV 0 arg "FOR_ANY_MACHINE" "NAME" "SOURCES;ARGUMENTS;LIBRARIES")
  if(NOT arg_NAME OR NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "smx_add_example(NAME name SOURCES file... [ARGUMENTS argument...] [LIBRARIES library...] "
                        "[FOR_ANY_MACHINE]); "
                        "left over: '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  set(target example.${arg_NAME})
  add_executable(${target} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${arg_NAME} RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  target_link_libraries(${target} PRIVATE smx::smx smx_warnings ${arg_LIBRARIES})
  if(NOT arg_FOR_ANY_MACHINE)
    target_link_libraries(${target} PRIVATE smx::native)
  endif()
  add_test(NAME ${target} COMMAND ${target} ${arg_ARGUMENTS})
  set_tests_properties(${target} PROPERTIES LABELS example)
endfunction()
