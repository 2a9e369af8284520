# Compiler settings that hold for every target: C++20, no contraction of multiply and add (integer results must be the
# same on every machine), warnings, sanitizers.

option(HALFTONE_TESTS "Build the C++ tests" ON)
option(HALFTONE_WERROR "Treat warnings as errors" OFF)
set(HALFTONE_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, separated by commas")
set(HALFTONE_WASM_VARIANT "simd" CACHE STRING "Which WebAssembly variant to build: simd or relaxed")
option(HALFTONE_WASM_THREADS "Build the WebAssembly variant for shared memory and threads" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(halftone_settings INTERFACE)
target_include_directories(halftone_settings INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(halftone_settings INTERFACE
  -ffp-contract=off
  -Wall -Wextra -Wno-missing-field-initializers -Wno-psabi)
if(HALFTONE_WERROR)
  target_compile_options(halftone_settings INTERFACE -Werror)
endif()

if(EMSCRIPTEN)
  # Vector code is written over core/kernels/simd.h; the flags only say which instructions may be used.
  add_compile_options(-msimd128)
  # 28 KB that nobody reads: names of types, and what would run at an end that a page does not have.
  add_compile_options(-fno-rtti -fno-c++-static-destructors)
  add_link_options(-fno-rtti)
  if(HALFTONE_WASM_VARIANT STREQUAL "relaxed")
    add_compile_options(-mrelaxed-simd)
  endif()
  if(HALFTONE_WASM_THREADS)
    add_compile_options(-pthread)
    add_link_options(-pthread)
  endif()
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # The oldest baseline that has byte shuffles, so that native tests run the vector loops at a bearable speed.
  add_compile_options(-march=x86-64-v2)
endif()

if(HALFTONE_SANITIZE)
  add_compile_options(-fsanitize=${HALFTONE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HALFTONE_SANITIZE})
  # GCC's flow warnings see paths that only the instrumentation has.
  add_compile_options(-Wno-maybe-uninitialized)
endif()

if(NOT EMSCRIPTEN)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
  target_link_libraries(halftone_settings INTERFACE Threads::Threads)
endif()
