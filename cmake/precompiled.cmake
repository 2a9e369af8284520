# halftone_precompiled(<target> <kind> [<sources>...])
# Lets the target's sources, or only those named, begin with headers that were read once. For WebAssembly only: there the
# standard library's headers are nearly half of what compiling a file costs (1.34 s -> 0.76 s on average). The native
# builds go without and so show a missing include.
# Kinds: `small` for -Oz and -Os, `fast` for -O1 to -O3 (the compiler wants to be told), `tests` with GoogleTest besides.
# Nothing in them is of the checkout, not even a path, and no time of day: so they are the same bytes in every checkout,
# and ccache finds what another one compiled (CMake's own target_precompile_headers names the build folder).
if(NOT EMSCRIPTEN)
  function(halftone_precompiled)
  endfunction()
  return()
endif()

set(precompiled_std
  algorithm array bit cmath cstdint cstring functional limits map memory numeric optional span string string_view
  unordered_map utility variant vector)

function(halftone_precompile kind main)
  set(headers ${precompiled_std})
  list(TRANSFORM headers PREPEND "-include;")
  separate_arguments(flags UNIX_COMMAND
    "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_RELEASE} ${CMAKE_CXX20_STANDARD_COMPILE_OPTION}")
  get_directory_property(options COMPILE_OPTIONS)
  get_target_property(settings halftone_settings INTERFACE_COMPILE_OPTIONS)
  set(out ${CMAKE_BINARY_DIR}/precompiled/${kind}.pch)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${CMAKE_CXX_COMPILER} ${flags} ${options} ${settings} -w -fno-exceptions ${ARGN}
      -Xclang -fno-pch-timestamp ${headers} -MD -MT ${out} -MF ${out}.d -o ${out} -c -x c++-header ${main}
    DEPFILE ${out}.d
    VERBATIM)
  add_custom_target(precompiled_${kind} DEPENDS ${out})
endfunction()

# The objects depend on the headers by their own dependency files, as without; that what is precompiled comes first is
# enough.
function(halftone_precompiled target kind)
  set(pch ${CMAKE_BINARY_DIR}/precompiled/${kind}.pch)
  if(ARGN)
    set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS -include-pch ${pch})
  else()
    target_compile_options(${target} PRIVATE "SHELL:-include-pch ${pch}")
  endif()
  add_dependencies(${target} precompiled_${kind})
endfunction()

set(libcxx ${EMSCRIPTEN_SYSROOT}/include/c++/v1)
halftone_precompile(small ${libcxx}/string -Oz)
halftone_precompile(fast ${libcxx}/string -O2)
