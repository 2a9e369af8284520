# GoogleTest executables: tests_<floor> from tests/core/<floor>/, and two that stand on the whole core:
#   conformance_tests   tests/conformance/*.cc         ONNX's own cases
#   model_tests         tests/conformance/models/*.cc  whole real models; ctest label `models`, slow under sanitizers
# One ctest entry per executable; run an executable with --gtest_filter for less. Under Emscripten the same tests become
# programs for Node, built only when asked for (target all_tests).
include(googletest)
if(NOT TARGET googletest)
  return()
endif()
add_custom_target(all_tests)

function(halftone_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT arg_SOURCES)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINK} halftone_settings googletest)
  add_dependencies(all_tests ${name})
  # Tests run for seconds and are compiled for minutes; the core is what has to be optimized. About 0.6 of the time that
  # the core's own flags take, part of it by having no clean-up for exceptions that nothing throws.
  target_compile_options(${name} PRIVATE -fno-exceptions $<IF:$<CONFIG:Debug>,-Og,-O1>)
  halftone_precompiled(${name} tests)
  if(EMSCRIPTEN)
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON SUFFIX .cjs)
    # Files and environment variables are those of Node.
    target_link_options(${name} PRIVATE -O2 -fno-exceptions -sENVIRONMENT=node -sNODERAWFS -sNODE_HOST_ENV -sEXIT_RUNTIME
      -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=4GB -sSTACK_SIZE=1MB)
  endif()
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
endfunction()

set(tests_compile_also halftone_runtime)  # a rewrite keeps the numbers: that shows when the program runs
foreach(floor base tensor kernels stats graph ops onnx compile runtime passes recipe session)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/core/${floor}/*.cc)
  halftone_test(tests_${floor} SOURCES ${sources} LINK halftone_${floor} ${tests_${floor}_also} LABEL core TIMEOUT 900)
endforeach()
if(TARGET tests_onnx)
  target_link_libraries(tests_onnx PRIVATE onnx_proto)  # they build messages of their own
endif()

file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/conformance/*.cc)
halftone_test(conformance_tests SOURCES ${sources} LINK halftone_session LABEL conformance TIMEOUT 1800)
include(onnx_checker)

file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/conformance/models/*.cc)
halftone_test(model_tests SOURCES ${sources} LINK halftone_session LABEL models TIMEOUT 3600)

# What tests/web/node/bit_exact.test.ts holds WebAssembly's integers against.
if(NOT EMSCRIPTEN)
  add_executable(int_digest ${CMAKE_SOURCE_DIR}/tests/digest/int_digest.cc)
  target_link_libraries(int_digest PRIVATE halftone_session)
endif()
