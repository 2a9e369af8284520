# HALFTONE_CACHE: where scripts/setup.mjs keeps what it fetched or built once for every checkout (the toolchain, ONNX's
# schema, protobuf for WebAssembly). The same rule as scripts/lib/cache.mjs.
if(DEFINED ENV{HALFTONE_CACHE})
  set(HALFTONE_CACHE $ENV{HALFTONE_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(HALFTONE_CACHE $ENV{XDG_CACHE_HOME}/halftone)
else()
  set(HALFTONE_CACHE $ENV{HOME}/.cache/halftone)
endif()
