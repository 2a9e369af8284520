# onnx_proto: ONNX's own message classes (onnx.proto is LITE_RUNTIME), generated into the build folder and included as
# "onnx.pb.h". The schema is never copied into the repository: it comes from the cache folder or from Debian's
# libonnx-dev. Natively protobuf-lite is the system's; for WebAssembly it is the same version built once into the cache.

find_program(HALFTONE_PROTOC protoc REQUIRED)
execute_process(COMMAND ${HALFTONE_PROTOC} --version OUTPUT_VARIABLE protoc_says OUTPUT_STRIP_TRAILING_WHITESPACE)
string(REGEX MATCH "[0-9.]+$" HALFTONE_PROTOC_VERSION "${protoc_says}")

file(GLOB onnx_protos ${HALFTONE_CACHE}/onnx-proto-*/onnx/onnx.proto)
list(SORT onnx_protos COMPARE NATURAL ORDER DESCENDING)
find_file(HALFTONE_ONNX_PROTO onnx/onnx.proto HINTS /usr/include /usr/local/include NO_CMAKE_FIND_ROOT_PATH)
list(APPEND onnx_protos ${HALFTONE_ONNX_PROTO})
list(GET onnx_protos 0 onnx_proto_file)
if(NOT EXISTS "${onnx_proto_file}")
  message(FATAL_ERROR "onnx.proto was not found: run `npm run setup` once, or install libonnx-dev.")
endif()
message(STATUS "ONNX schema: ${onnx_proto_file} (protoc ${HALFTONE_PROTOC_VERSION})")

if(EMSCRIPTEN)
  set(protobuf_root ${HALFTONE_CACHE}/protobuf-lite-${HALFTONE_PROTOC_VERSION}-emscripten-${EMSCRIPTEN_VERSION})
  if(NOT EXISTS ${protobuf_root}/lib/libprotobuf-lite.a)
    message(FATAL_ERROR "${protobuf_root} is missing: run `npm run setup` once.")
  endif()
  add_library(protobuf_lite STATIC IMPORTED)
  set_target_properties(protobuf_lite PROPERTIES
    IMPORTED_LOCATION ${protobuf_root}/lib/libprotobuf-lite.a
    INTERFACE_INCLUDE_DIRECTORIES ${protobuf_root}/include)
else()
  find_package(Protobuf REQUIRED)
  add_library(protobuf_lite ALIAS protobuf::libprotobuf-lite)
endif()

set(proto_out ${CMAKE_BINARY_DIR}/generated)
get_filename_component(onnx_proto_dir ${onnx_proto_file} DIRECTORY)
file(MAKE_DIRECTORY ${proto_out})
add_custom_command(
  OUTPUT ${proto_out}/onnx.pb.cc ${proto_out}/onnx.pb.h
  COMMAND ${HALFTONE_PROTOC} --cpp_out=${proto_out} -I${onnx_proto_dir} ${onnx_proto_file}
  DEPENDS ${onnx_proto_file}
  VERBATIM)
add_library(onnx_proto STATIC ${proto_out}/onnx.pb.cc)
target_compile_options(onnx_proto PRIVATE -w -fno-exceptions $<$<BOOL:${EMSCRIPTEN}>:-Oz>)
target_include_directories(onnx_proto SYSTEM PUBLIC ${proto_out})
target_compile_features(onnx_proto PUBLIC cxx_std_20)
target_link_libraries(onnx_proto PUBLIC protobuf_lite)
