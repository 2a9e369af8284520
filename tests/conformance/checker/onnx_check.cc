// onnx_check FILE: ONNX's own checker on one model file, with its strict inference of types and shapes. A program of
// its own, because its library brings the same message classes as core/onnx from another version of the schema. Prints
// "IR <its highest> opset <its highest>", then, where the model is refused, the reason. Exit code: 0 valid; 1 refused;
// 2 no file, or no model in it.
#include <onnx/checker.h>
#include <onnx/defs/schema.h>
#include <onnx/shape_inference/implementation.h>

#include <exception>
#include <fstream>
#include <iostream>

int main(int argc, char** argv) {
  const auto opsets = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  std::cout << "IR " << onnx::Version::IR_VERSION << " opset " << opsets.at("").second << '\n';
  onnx::ModelProto model;
  std::ifstream file(argc == 2 ? argv[1] : "", std::ios::binary);
  if (!file || !model.ParseFromIstream(&file)) {
    std::cout << "not a model file\n";
    return 2;
  }
  try {
    onnx::checker::check_model(model);
    const onnx::ShapeInferenceOptions strict(/*check_type=*/true, /*strict_mode=*/1);
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), strict);
  } catch (const std::exception& error) {
    std::cout << error.what() << '\n';
    return 1;
  }
  return 0;
}
