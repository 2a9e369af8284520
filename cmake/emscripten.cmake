# Toolchain file of the wasm presets: finds Emscripten and hands over to Emscripten's own toolchain file. The answer is
# kept in the environment for the projects of their own in which CMake checks the compiler.
if(NOT DEFINED ENV{HALFTONE_EMSCRIPTEN_ROOT})
  include(${CMAKE_CURRENT_LIST_DIR}/find_emscripten.cmake)
  if(NOT EMSCRIPTEN_ROOT)
    message(FATAL_ERROR "Emscripten 4 or newer was not found: run `npm run setup` once, or put emcc on PATH.")
  endif()
  set(ENV{HALFTONE_EMSCRIPTEN_ROOT} ${EMSCRIPTEN_ROOT})
endif()
include($ENV{HALFTONE_EMSCRIPTEN_ROOT}/cmake/Modules/Platform/Emscripten.cmake)
