// Two models on the same feeds, output by output and layer by layer.
// A layer of `reference` is a float value that a node produces. Its counterpart in `other` is the value of the
// same name or, where `other` quantizes that, the DequantizeLinear output that its consumers read. Taps are
// taken in batches, so that activations of large models are never all held at once.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/graph/edit.h"
#include "core/session/describe.h"
#include "core/session/session.h"
#include "core/stats/distortion.h"

namespace halftone {
namespace {

constexpr int64_t kBatchBytes = int64_t{64} << 20;  // of taps, both models together

struct Layer {
  std::string name, op;
  std::string reference, other;  // names of the values to tap
  int64_t bytes = 0;             // of both taps, as far as shapes are known
};

// The DequantizeLinear output that stands for `id` once it is quantized; `id` itself where it is not.
ValueId seen_by_consumers(const Graph& graph, const UseMap& uses, ValueId id) {
  for (const Use& use : uses.uses(id)) {
    if (use.node < 0 || use.input != 0) continue;
    const Node& quantize = graph.nodes[static_cast<size_t>(use.node)];
    if (quantize.op_type != "QuantizeLinear") continue;
    for (const Use& next : uses.uses(quantize.outputs[0])) {
      if (next.node < 0 || next.input != 0) continue;
      const Node& dequantize = graph.nodes[static_cast<size_t>(next.node)];
      if (dequantize.op_type == "DequantizeLinear") return dequantize.outputs[0];
    }
  }
  return id;
}

int64_t float_bytes(const Value& value) {
  const auto dims = value.shape.concrete();
  return dims ? element_count(*dims).value_or(0) * 4 : 0;
}

std::unordered_map<std::string_view, ValueId> produced_floats(const Graph& graph) {
  std::unordered_map<std::string_view, ValueId> ids;
  for (const Node& node : graph.nodes) {
    for (ValueId id : node.outputs) {
      if (id != kNoValue && is_float(graph.value(id).dtype)) ids.emplace(graph.value(id).name, id);
    }
  }
  return ids;
}

// Whether a program computes the float value of this name.
bool survives(const Program& program, std::string_view name) {
  const Alias found = program.find(name);
  return found.value != kNoValue && (found.dequantize || is_float(program.graph.value(found.value).dtype));
}

Result<std::vector<Layer>> common_layers(const Model& reference, const Model& other) {
  // A tap inside an integer cluster would dissolve it, and we want to measure what really runs: of a quantized
  // model only those values are compared that exist when nothing is kept.
  std::shared_ptr<const Program> program;
  if (is_quantized(other.graph)) {
    HT_ASSIGN(program, compile(other, {}));
  }
  const UseMap reference_uses(reference.graph), other_uses(other.graph);
  const auto others = produced_floats(other.graph);
  std::vector<Layer> layers;
  for (const Node& node : reference.graph.nodes) {
    for (ValueId id : node.outputs) {
      if (id == kNoValue || !is_float(reference.graph.value(id).dtype)) continue;
      const std::string& name = reference.graph.value(id).name;
      const auto found = others.find(name);
      if (found == others.end()) continue;
      const ValueId seen = seen_by_consumers(other.graph, other_uses, found->second);
      if (program && seen == found->second && !survives(*program, name)) continue;
      const ValueId own = seen_by_consumers(reference.graph, reference_uses, id);
      layers.push_back({name, node.op_type, reference.graph.value(own).name, other.graph.value(seen).name,
                        float_bytes(reference.graph.value(own)) + float_bytes(other.graph.value(seen))});
    }
  }
  return layers;
}

Result<Json> layer_diff(const std::string& name, const std::string& op, const Tensor& a, const Tensor& b) {
  if (a.dims() != b.dims()) {
    return Error{
        ErrorCode::kInvalidArgument,
        "\"" + name + "\" is " + to_string(a.dims()) + " in one model and " + to_string(b.dims()) + " in the other.",
        name, "Compare a model with one that a recipe made from it."};
  }
  HT_ASSIGN(const std::vector<float> x, to_floats(a));
  HT_ASSIGN(const std::vector<float> y, to_floats(b));
  const Distortion d = distortion(x, y);
  return Json(Json::Object{{"name", name},
                           {"op", op},
                           {"elements", a.size()},
                           {"sqnr", std::isfinite(d.sqnr_db) ? Json(d.sqnr_db) : Json()},
                           {"cosine", d.cosine},
                           {"maxAbsError", d.max_abs}});
}

Result<Json> diff_outputs(Session& reference, Session& other, const Feeds& feeds) {
  HT_ASSIGN(const RunResult a, reference.run(feeds));
  HT_ASSIGN(const RunResult b, other.run(feeds));
  const UseMap uses(reference.model().graph);
  Json outputs = Json::array();
  for (const auto& [name, tensor] : a.outputs) {
    const auto match = std::find_if(b.outputs.begin(), b.outputs.end(), [&](const auto& o) { return o.first == name; });
    if (match == b.outputs.end()) continue;
    const Graph& graph = reference.model().graph;
    const int32_t producer = uses.producer(graph.find_value(name));
    const std::string op = producer < 0 ? "" : graph.nodes[static_cast<size_t>(producer)].op_type;
    HT_ASSIGN(Json diff, layer_diff(name, op, tensor, match->second));
    outputs.push(std::move(diff));
  }
  if (outputs.as_array().empty()) {
    return Error{ErrorCode::kInvalidArgument, "The two models have no output of the same name.", "outputs",
                 "Compare a model with one that a recipe made from it."};
  }
  return outputs;
}

// One executor that keeps every layer's value; runs tap a part of them at a time.
Result<std::unique_ptr<Executor>> tapped_executor(const Model& model, const std::vector<Layer>& layers,
                                                  std::string Layer::*name) {
  CompileOptions options;
  for (const Layer& layer : layers) options.keep.push_back(layer.*name);
  HT_ASSIGN(auto program, compile(model, options));
  return std::make_unique<Executor>(std::move(program));
}

Result<Feeds> run_taps(Executor& executor, const Feeds& feeds, std::span<const Layer> layers,
                       std::string Layer::*name) {
  RunOptions options;
  for (const Layer& layer : layers) options.taps.push_back(layer.*name);
  HT_ASSIGN(RunResult result, executor.run(feeds, options));
  return std::move(result.taps);
}

Result<Json> diff_layers(const Model& reference, const Model& other, const Feeds& feeds, const ProgressFn& progress) {
  HT_ASSIGN(const std::vector<Layer> layers, common_layers(reference, other));
  HT_ASSIGN(const auto first, tapped_executor(reference, layers, &Layer::reference));
  HT_ASSIGN(const auto second, tapped_executor(other, layers, &Layer::other));
  Json diffs = Json::array();
  for (size_t begin = 0, end; begin < layers.size(); begin = end) {
    int64_t bytes = 0;
    for (end = begin; end < layers.size() && (end == begin || bytes + layers[end].bytes <= kBatchBytes); ++end) {
      bytes += layers[end].bytes;
    }
    if (progress && !progress("compare", static_cast<int64_t>(begin), static_cast<int64_t>(layers.size()))) {
      return Error{ErrorCode::kCancelled, "The comparison was cancelled.", "", ""};
    }
    const std::span<const Layer> batch(layers.data() + begin, end - begin);
    HT_ASSIGN(const Feeds a, run_taps(*first, feeds, batch, &Layer::reference));
    HT_ASSIGN(const Feeds b, run_taps(*second, feeds, batch, &Layer::other));
    for (const Layer& layer : batch) {
      const auto x = a.find(layer.reference), y = b.find(layer.other);
      if (x == a.end() || y == b.end() || x->second.dims() != y->second.dims()) continue;
      HT_ASSIGN(Json diff, layer_diff(layer.name, layer.op, x->second, y->second));
      diffs.push(std::move(diff));
    }
  }
  return diffs;
}

}  // namespace

Result<Json> compare(Session& reference, Session& other, const Feeds& feeds, const ProgressFn& progress) {
  HT_ASSIGN(Json outputs, diff_outputs(reference, other, feeds));
  HT_ASSIGN(Json layers, diff_layers(reference.model(), other.model(), feeds, progress));
  return Json(Json::Object{{"outputs", std::move(outputs)}, {"layers", std::move(layers)}});
}

}  // namespace halftone
