// The public C++ API: load, summarize, apply (core/recipe), run, compare, evaluate, export. Everything the
// bindings, and other programs, need; bindings add nothing but types. Json that leaves here carries the
// names of the engine library's types (web/src/engine/types.ts): camelCase.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/onnx/reader.h"
#include "core/recipe/recipe.h"
#include "core/runtime/executor.h"

namespace halftone {

// A loaded model with its compiled program (made at the first run).
class Session {
 public:
  // Errors: as read_model's and infer_shapes'. A model with operators that cannot run loads all the same.
  static Result<std::shared_ptr<Session>> load(ByteSource& source, const ReadOptions& options = {});
  // memory: of the recipe that made it.
  static Result<std::shared_ptr<Session>> from_model(Model model, RecipeMemory memory = {});
  ~Session();

  // The model that runs: local functions inlined, shapes inferred.
  const Model& model() const;
  const RecipeMemory& memory() const;
  // ModelSummary: {inputs, outputs, nodes, parameters, macs, bytes, opset, irVersion, producer, quantized,
  // operators: [{op, domain, count, supported}], unsupported: [{op, domain, nodes}], io: as describe_io's}.
  Json summary() const;
  // ModelGraph: {nodes: [{id, name, op, domain, inputs, outputs, attributes, macs}],
  // values: [{name, type, shape, constant, bytes, quant?}]}, quant as describe_quant's.
  Json graph() const;
  // Compiles at the first call, and again when `taps` asks for values that fusion would remove.
  // Errors: as compile's and Executor::run's; kInvalidArgument for a tap that the model does not have.
  Result<RunResult> run(const Feeds& feeds, const RunOptions& options = {});
  // ONNX bytes. format: "qdq", or "qoperator" (core/passes/qoperator). Errors: kInvalidArgument for another one, and as
  // to_qoperator's.
  Result<std::string> export_onnx(std::string_view format) const;
  // Size of export_onnx("qdq").
  int64_t byte_size() const;
  // Frees the program and its buffers; the next run compiles again.
  void release_program();

 private:
  Session();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Comparison: {outputs: [LayerDiff], layers: [LayerDiff]}, LayerDiff = {name, op, elements, sqnr, cosine,
// maxAbsError, channelSqnr?, clipped?, dead?, aloneSqnr?} (layer_facts.h, alone.h); sqnr in dB, null where both are
// equal (infinite). Outputs pair by name; layers are the float values that nodes of both models produce under one name.
// Where `other` quantizes such a value, what its consumers see (the DequantizeLinear output) is compared, so integer
// kernels are measured as they run. `progress` (stage "compare") returns false to cancel. Errors: as Session::run's,
// kInvalidArgument where the models share no output.
Result<Json> compare(Session& reference, Session& other, const Feeds& feeds, const ProgressFn& progress = {});

// Classification metrics, fed one labelled batch at a time.
class Evaluator {
 public:
  // scores: [N, classes] (trailing 1s ignored; [classes] is one item); labels: N integers in [0, classes).
  // Errors: kInvalidInput.
  Status add(const Tensor& scores, const std::vector<int64_t>& labels);
  // Runs the model on a batch and adds its first output. Errors: also Session::run's.
  Status add_run(Session& session, const Feeds& feeds, const std::vector<int64_t>& labels);
  // {samples, accuracy, top5, macroF1}; 0 without samples. Accuracies are fractions.
  Json report() const;
  int64_t classes() const { return classes_; }
  // [classes x classes] counts, row = truth, column = predicted.
  const std::vector<int64_t>& confusion() const { return confusion_; }

 private:
  int64_t samples_ = 0, top1_ = 0, top5_ = 0, classes_ = 0;
  std::vector<int64_t> confusion_;
};

// Capabilities: {variant, threads, dot, ops: [{name, domain, since, int8, quant}], passes: [PassSpec], presets:
// [{name, label, summary, recipe}]}.
Json capabilities();

// The report of a recipe under the engine library's names (bytesBefore ...). Parameters keep their own names.
Json report_json(const Json& report);

// [NodeTime]: {node, op, integer, ms}.
Json profile_json(const RunResult& result);

}  // namespace halftone
