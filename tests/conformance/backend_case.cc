// See the header. An error of kind unsupported_operator, at any stage, makes a case unsupported; every other error on
// these valid models is a failure, as are wrong numbers, types and shapes.
#include "tests/conformance/backend_case.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/compile/program.h"
#include "core/onnx/reader.h"
#include "core/runtime/executor.h"
#include "core/tensor/convert.h"
#include "tests/conformance/retype.h"

namespace halftone::testing {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::span<const uint8_t> as_bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

Error unsupported_case(std::string what) { return {ErrorCode::kUnsupportedOperator, std::move(what), {}, {}}; }
Error wrong(std::string what) { return {ErrorCode::kInternal, std::move(what), {}, {}}; }

Result<Tensor> read_recorded(const std::filesystem::path& path) { return read_tensor(as_bytes(read_file(path))); }

Status check_values_are_tensors(const Graph& graph) {
  for (const auto* list : {&graph.inputs, &graph.outputs}) {
    for (ValueId id : *list) {
      if (!graph.value(id).type_opaque.empty()) return unsupported_case("sequence or optional values");
    }
  }
  return ok_status();
}

std::string difference(int64_t i, const std::string& got, const std::string& want) {
  return "element " + std::to_string(i) + " is " + got + ", expected " + want;
}

// Whether what the graph gives is random: another generator's numbers say nothing about ours, their type and shape do.
bool is_random(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
    return node.op_type == "Bernoulli" || node.op_type.starts_with("Random");
  });
}

Status compare_tensors(const Tensor& got, const Tensor& want, bool values, bool retyped) {
  if (got.dtype() != want.dtype()) {
    return wrong("type " + std::string(dtype_name(got.dtype())) + ", expected " +
                 std::string(dtype_name(want.dtype())));
  }
  if (got.dims() != want.dims())
    return wrong("shape " + to_string(got.dims()) + ", expected " + to_string(want.dims()));
  if (!values) return ok_status();
  if (got.dtype() == DType::kString) {
    for (int64_t i = 0; i < got.size(); ++i) {
      const auto &a = got.string_data()[static_cast<size_t>(i)], &b = want.string_data()[static_cast<size_t>(i)];
      if (a != b) return wrong(difference(i, a, b));
    }
    return ok_status();
  }
  const bool half = got.dtype() == DType::kFloat16 || got.dtype() == DType::kBFloat16;
  const double wide = retyped ? 5e-2 : 1e-2;
  const double relative = half ? wide : 1e-3, absolute = half ? wide : 1e-5;
  for (int64_t i = 0; i < got.size(); ++i) {
    const double a = element_as_double(got.dtype(), got.bytes(), i),
                 b = element_as_double(want.dtype(), want.bytes(), i);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    if (!(std::abs(a - b) <= absolute + relative * std::abs(b))) {
      return wrong(difference(i, std::to_string(a), std::to_string(b)));
    }
  }
  return ok_status();
}

Status run_case(const std::filesystem::path& folder, const Model& model, Retype& retype) {
  HT_TRY(check_values_are_tensors(model.graph));
  HT_ASSIGN(auto program, compile(model));
  Executor executor(program);
  for (int set = 0;; ++set) {
    const auto data = folder / ("test_data_set_" + std::to_string(set));
    if (!std::filesystem::exists(data)) return set > 0 ? ok_status() : wrong("no recorded data");
    Feeds feeds;
    for (size_t i = 0; i < model.graph.inputs.size(); ++i) {
      HT_ASSIGN(Tensor input, read_recorded(data / ("input_" + std::to_string(i) + ".pb")));
      if (model.graph.value(model.graph.inputs[i]).dtype != input.dtype()) retype.tensor(input);
      feeds.emplace(model.graph.value(model.graph.inputs[i]).name, std::move(input));
    }
    HT_ASSIGN(RunResult result, executor.run(feeds));
    for (size_t i = 0; i < result.outputs.size(); ++i) {
      HT_ASSIGN(Tensor want, read_recorded(data / ("output_" + std::to_string(i) + ".pb")));
      retype.tensor(want);
      HT_TRY(compare_tensors(result.outputs[i].second, want, !is_random(model.graph), retype.any()));
    }
  }
}

}  // namespace

CaseResult run_backend_case(const std::filesystem::path& folder, DType floats) {
  CaseResult result;
  const std::string bytes = read_file(folder / "model.onnx");
  MemorySource source(as_bytes(bytes));
  auto model = read_model(source);
  Status status;
  if (model.ok()) {
    const auto& nodes = model->graph.nodes;
    result.op =
        nodes.size() == 1 ? (nodes[0].domain.empty() ? "" : nodes[0].domain + ".") + nodes[0].op_type : "(several)";
    Retype retype(floats);
    if (floats != DType::kFloat) retype.graph(model->graph);
    status = run_case(folder, *model, retype);
    result.retyped = retype.any();
  } else {
    status = std::move(model).error();
  }
  if (status.ok()) {
    result.verdict = Verdict::kPassed;
    return result;
  }
  const Error& error = status.error();
  result.verdict = error.code == ErrorCode::kUnsupportedOperator ? Verdict::kUnsupported : Verdict::kFailed;
  result.reason = std::string(error_code_name(error.code)) + ": " + error.message +
                  (error.where.empty() ? "" : " (" + error.where + ")");
  return result;
}

}  // namespace halftone::testing
