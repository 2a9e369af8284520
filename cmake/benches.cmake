# Not tests but times, for developers; built only when asked for. kernels_bench, memory_bench and nbits_bench measure
# single kernels: programs for this machine, and under Emscripten modules whose main the benchmark's page calls
# (`npm run bench -- --kernels`). run_model shows the steps of one model,
# quality what recipes do to real networks.
foreach(name kernels_bench memory_bench nbits_bench)
  add_executable(${name} EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/bench/${name}.cc)
  target_link_libraries(${name} PRIVATE halftone_kernels)
  if(EMSCRIPTEN)
    set_target_properties(${name} PROPERTIES SUFFIX .mjs)
    target_compile_options(${name} PRIVATE -fno-exceptions)
    target_link_options(${name} PRIVATE -O3 -fno-exceptions -sENVIRONMENT=web,node -sMODULARIZE -sEXPORT_ES6
      -sALLOW_MEMORY_GROWTH -sINVOKE_RUN=0 -sEXPORTED_RUNTIME_METHODS=callMain -sSTACK_SIZE=1MB -sDYNAMIC_EXECUTION=0)
  endif()
endforeach()

add_executable(run_model EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/bench/run_model.cc)
target_link_libraries(run_model PRIVATE halftone_session)

set(models ${CMAKE_SOURCE_DIR}/tests/conformance/models)
add_executable(quality EXCLUDE_FROM_ALL
  ${CMAKE_SOURCE_DIR}/tests/bench/quality.cc ${models}/quality.cc ${models}/data.cc ${models}/gunzip.cc)
target_link_libraries(quality PRIVATE halftone_session)
