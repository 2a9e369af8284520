# The module that the page and Node load: build/wasm-<variant>/halftone-<variant>.mjs and .wasm, from wasm/*.cc.
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/wasm/*.cc)
if(NOT sources)
  return()
endif()

add_executable(halftone ${sources})
set_target_properties(halftone PROPERTIES
  OUTPUT_NAME halftone-${HALFTONE_WASM_VARIANT}
  SUFFIX .mjs
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
target_compile_options(halftone PRIVATE -fno-exceptions)
target_link_libraries(halftone PRIVATE halftone_session)
target_link_options(halftone PRIVATE
  # LLVM has optimized the loops already; what Binaryen does beyond -Oz measured no faster and 120 KB larger.
  -Oz --bind
  -sENVIRONMENT=web,worker,node
  -sMODULARIZE -sEXPORT_ES6 -sEXPORT_NAME=createHalftone
  -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=4GB
  # Grow by little, so that the peak stays near what a model needs.
  -sMEMORY_GROWTH_GEOMETRIC_STEP=0.05
  -sSTACK_SIZE=1MB
  # A strict Content-Security-Policy forbids making functions from text.
  -sDYNAMIC_EXECUTION=0
  -sFILESYSTEM=0
  --emit-tsd ${CMAKE_BINARY_DIR}/halftone-${HALFTONE_WASM_VARIANT}.d.ts
  -fno-exceptions)
