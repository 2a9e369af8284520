# halftone_floor(<name> [ON <lower floors>...] [PRIVATE_LINK <targets>...])
# Makes halftone_<name> from every *.cc under core/<name>/. A new file needs no edit here; a floor without sources
# (headers only, or not written yet) becomes an interface library, so the order of building the house is free.
function(halftone_floor name)
  cmake_parse_arguments(arg "" "" "ON;PRIVATE_LINK" ${ARGN})
  set(target halftone_${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/core/${name}/*.cc)
  list(TRANSFORM arg_ON PREPEND halftone_)
  if(sources)
    add_library(${target} STATIC ${sources})
    # The core reports errors as values; nothing in it throws or catches.
    target_compile_options(${target} PRIVATE -fno-exceptions)
    # A smaller module loads sooner. The hot loops are in kernels, some warm ones in tensor and stats.
    if(EMSCRIPTEN AND NOT name MATCHES "^(kernels|tensor|stats)$")
      target_compile_options(${target} PRIVATE -Oz)
      halftone_precompiled(${target} small)
    elseif(EMSCRIPTEN)
      # For size but where the time goes: in tiles -O3 unrolls what -O2 leaves in memory, and networks run 1.3 to 1.7 times
      # as fast (`npm run bench`); elsewhere it is 45 KB and no faster.
      target_compile_options(${target} PRIVATE
        -O2 "SHELL:-mllvm -unroll-runtime=0" "SHELL:-mllvm -unroll-allow-partial=0")
      set(hot ${sources})
      set(fast ${sources})
      list(FILTER hot INCLUDE REGEX "/core/kernels/(gemm/tile_|conv/depthwise_(f32|roll_int8))")
      set_source_files_properties(${hot} PROPERTIES COMPILE_OPTIONS -O3)
      # Little beside the products of a recurrent network, once for each weight (packing too), or seldom: pools whose
      # channels are not innermost, tensors as such.
      string(JOIN "|" seldom
        "kernels/(rnn/cells|pool/pool|reduce/along_axis|gemm/nbits|dot/operands)"
        "stats/(kmeans|levels|choose_params|[a-z]*_observer)"
        "tensor/(tensor|shape|dtype|small_float)")
      list(FILTER sources INCLUDE REGEX "/core/(${seldom})\\.cc$")
      list(REMOVE_ITEM fast ${sources})
      set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS -Os)
      halftone_precompiled(${target} small ${sources})
      halftone_precompiled(${target} fast ${fast})
    endif()
    target_link_libraries(${target} PUBLIC halftone_settings ${arg_ON} PRIVATE ${arg_PRIVATE_LINK})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE halftone_settings ${arg_ON})
  endif()
endfunction()
