# onnx_check: ONNX's own checker (Debian's libonnx-dev) as a program that conformance_tests runs on exported files.
# Without the library those tests are skipped.
find_path(HALFTONE_ONNX_CHECKER_INCLUDE onnx/checker.h)
find_library(HALFTONE_ONNX_LIBRARY onnx)
find_library(HALFTONE_ONNX_PROTO_LIBRARY onnx_proto)
find_library(HALFTONE_PROTOBUF_LIBRARY protobuf)
if(EMSCRIPTEN OR NOT HALFTONE_ONNX_CHECKER_INCLUDE OR NOT HALFTONE_ONNX_LIBRARY OR NOT HALFTONE_ONNX_PROTO_LIBRARY OR
   NOT HALFTONE_PROTOBUF_LIBRARY)
  return()
endif()
add_executable(onnx_check ${CMAKE_SOURCE_DIR}/tests/conformance/checker/onnx_check.cc)
target_compile_features(onnx_check PRIVATE cxx_std_20)
target_compile_options(onnx_check PRIVATE -w)  # its headers warn
target_compile_definitions(onnx_check PRIVATE ONNX_NAMESPACE=onnx ONNX_ML=1)
target_link_libraries(onnx_check PRIVATE
  ${HALFTONE_ONNX_LIBRARY} ${HALFTONE_ONNX_PROTO_LIBRARY} ${HALFTONE_PROTOBUF_LIBRARY})
add_dependencies(conformance_tests onnx_check)
target_compile_definitions(conformance_tests PRIVATE HALFTONE_ONNX_CHECK="$<TARGET_FILE:onnx_check>")
