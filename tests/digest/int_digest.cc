// int_digest <model.onnx> <input.bin>: runs a quantized model natively and prints a digest of every integer
// activation as JSON {"<value>": "<16 hex digits>"}. tests/web/node/bit_exact.test.ts compares it with the
// WebAssembly variants. The input file holds the float32 elements of the model's one input; symbols count as 1.
// The same digest in TypeScript: tests/web/support/int_digest.ts.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/session/session.h"

namespace halftone {
namespace {

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// FNV-1a (Fowler, Noll, Vo), 32 bits, from two starting values.
std::string digest(const uint8_t* bytes, int64_t size) {
  uint32_t a = 0x811c9dc5, b = 0x050c5d1f;
  for (int64_t i = 0; i < size; ++i) {
    a = (a ^ bytes[i]) * 0x01000193u;
    b = (b ^ bytes[i]) * 0x01000193u;
  }
  char text[17];
  std::snprintf(text, sizeof text, "%08x%08x", a, b);
  return text;
}

int fail(const Error& error) {
  std::fprintf(stderr, "%s (%s)\n", error.message.c_str(), error.where.c_str());
  return 1;
}

int main(const char* model_path, const char* input_path) {
  const std::string model = read_file(model_path), input = read_file(input_path);
  MemorySource source({reinterpret_cast<const uint8_t*>(model.data()), model.size()});
  const auto session = Session::load(source);
  if (!session.ok()) return fail(session.error());
  const Graph& graph = (*session)->model().graph;
  const Value& value = graph.value(graph.inputs[0]);
  Dims dims;
  for (const Dim& dim : value.shape.dims()) dims.push_back(dim.known() ? dim.value : 1);
  auto tensor = Tensor::allocate(DType::kFloat, dims, value.name);
  if (!tensor.ok()) return fail(tensor.error());
  if (tensor->byte_size() != static_cast<int64_t>(input.size())) {
    return fail({ErrorCode::kInvalidInput, "The input file does not have the input's size", input_path, ""});
  }
  std::memcpy(tensor->mutable_bytes(), input.data(), input.size());

  RunOptions options;
  for (const Node& node : graph.nodes) {
    if (node.op_type == "QuantizeLinear") options.taps.push_back(graph.value(node.outputs[0]).name);
  }
  const auto result = (*session)->run({{value.name, *tensor}}, options);
  if (!result.ok()) return fail(result.error());
  Json out = Json::object();
  for (const auto& [name, tap] : result->taps) out.set(name, digest(tap.bytes(), tap.byte_size()));
  std::printf("%s\n", out.dump().c_str());
  return 0;
}

}  // namespace
}  // namespace halftone

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: int_digest <model.onnx> <input.bin>\n");
    return 2;
  }
  return halftone::main(argv[1], argv[2]);
}
