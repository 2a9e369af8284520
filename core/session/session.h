// The public C++ API: load, summarize, apply, run, compare, evaluate, export. Everything the bindings,
// and other programs, need; bindings add nothing but types.
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
  static Result<std::shared_ptr<Session>> load(ByteSource& source, const ReadOptions& options = {});
  static Result<std::shared_ptr<Session>> from_model(Model model);
  ~Session();

  const Model& model() const;
  // {inputs, outputs, parameters, macs, bytes, opset, ir_version, producer, operators: [{op, count, supported}],
  //  unsupported: [{op, domain, nodes: [...] }], nodes, quantized: bool}. Shapes: numbers or symbol strings.
  Json summary() const;
  // {nodes: [{id, name, op, domain, inputs, outputs, attributes, macs}], values: [{name, type, shape, constant, bytes}]}
  Json graph() const;
  Result<RunResult> run(const Feeds& feeds, const RunOptions& options = {});
  // ONNX bytes. format: "qdq" ("qoperator" comes with the quantization suite: kInvalidArgument until then).
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

// Outputs and every layer that both models have by name:
// {outputs: [LayerDiff], layers: [LayerDiff]}, LayerDiff = {name, op, elements, sqnr_db, cosine, max_abs_error}.
// Runs both on the same feeds. sqnr_db is null where both are equal (infinite).
Result<Json> compare(Session& reference, Session& other, const Feeds& feeds);

// Classification metrics, fed one labelled batch at a time.
class Evaluator {
 public:
  // scores: [N, classes] (trailing 1s ignored); labels: N integers.
  Status add(const Tensor& scores, const std::vector<int64_t>& labels);
  // {samples, accuracy, top5, macro_f1, confusion: {classes, counts}}
  Json report() const;

 private:
  int64_t samples_ = 0, top1_ = 0, top5_ = 0, classes_ = 0;
  std::vector<int64_t> confusion_;  // [classes x classes], row = truth
};

// {variant, threads, dot, ops: [{name, domain, since, int8, quant}], passes: [{name, summary, needs, params: [...]}]}
Json capabilities();

}  // namespace halftone
