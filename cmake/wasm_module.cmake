# The module that the page and Node load, from wasm/*.cc: halftone-<variant>.mjs and .wasm in build/wasm-<variant>/, where
# <variant> is simd or relaxed, and with threads simd-threads or relaxed-threads.
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/wasm/*.cc)
if(NOT sources)
  return()
endif()

set(module halftone-${HALFTONE_WASM_VARIANT})
if(HALFTONE_WASM_THREADS)
  string(APPEND module -threads)
endif()
add_executable(halftone ${sources})
set_target_properties(halftone PROPERTIES
  OUTPUT_NAME ${module}
  SUFFIX .mjs
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
target_compile_options(halftone PRIVATE -Oz -fno-exceptions)
# Without type information (settings.cmake) Embind cannot name a type that was not registered.
target_compile_definitions(halftone PRIVATE EMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0)
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
  --emit-tsd ${CMAKE_BINARY_DIR}/${module}.d.ts
  -fno-exceptions)

if(HALFTONE_WASM_THREADS)
  target_link_options(halftone PRIVATE
    # The workers are there before the module is: the engine's worker, busy in a call, could not start one. web/src/engine
    # says how many.
    -sPTHREAD_POOL_SIZE=Module.threads-1
    -sDEFAULT_PTHREAD_STACK_SIZE=256KB
    # Views of the memory are made per call (wasm/convert.cc), so growth costs them nothing.
    -Wno-pthreads-mem-growth)
endif()
