// Two models on the same feeds, output by output and layer by layer.
// A layer of `reference` is a float value that a node produces. Its counterpart in `other` is the value of the
// same name or, where `other` quantizes that, the DequantizeLinear output that its consumers read. Taps are
// taken in batches, so that activations of large models are never all held at once.
// Where only `other` is quantized, each layer's own error on float inputs is measured beside what has piled up
// (alone.h).
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/graph/edit.h"
#include "core/session/alone.h"
#include "core/session/describe.h"
#include "core/session/layer_facts.h"
#include "core/session/session.h"
#include "core/stats/distortion.h"

namespace halftone {
namespace {

constexpr int64_t kBatchBytes = int64_t{512} << 20;  // of taps, both models together; every batch runs both

struct Layer {
  std::string name, op;
  std::string reference, other;  // names of the values to tap
  int64_t bytes = 0;             // of both taps; sizes that are not known count as one
  std::optional<Range> reach;    // of the integers
};

int64_t float_bytes(const Value& value) {
  int64_t bytes = sizeof(float);
  if (!value.shape.has_rank()) return bytes;
  for (const Dim& dim : value.shape.dims()) {
    if (dim.known() && dim.value > 0) bytes = std::min(bytes * std::min(dim.value, kBatchBytes), kBatchBytes);
  }
  return bytes;
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
                        float_bytes(reference.graph.value(own)) + float_bytes(other.graph.value(seen)),
                        quantized_reach(other.graph, other_uses, found->second)});
    }
  }
  return layers;
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
    HT_ASSIGN(Json diff, layer_facts(name, op, tensor, match->second, std::nullopt));
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

Result<Feeds> run_taps(Executor& executor, const Feeds& feeds, std::vector<std::string> taps) {
  RunOptions options;
  options.taps = std::move(taps);
  options.outputs = false;
  HT_ASSIGN(RunResult result, executor.run(feeds, options));
  return std::move(result.taps);
}

// The part of `alone` that makes these layers. Its other inputs are gone. Null where it cannot run on this reference:
// the comparison is worth having without.
std::unique_ptr<Executor> alone_executor(const LayersAlone& alone, std::span<const Layer> layers) {
  Model part = alone.model;
  part.graph.outputs.clear();
  for (const Layer& layer : layers) part.graph.outputs.push_back(part.graph.find_value(alone.output.at(layer.name)));
  compact(part.graph);
  const UseMap uses(part.graph);
  std::erase_if(part.graph.inputs, [&](ValueId id) { return uses.uses(id).empty(); });
  auto program = compile(part, {});
  return program.ok() ? std::make_unique<Executor>(std::move(*program)) : nullptr;
}

class LayerDiffs {
 public:
  LayerDiffs(const Model& reference, const Model& other, const Feeds& feeds)
      : reference_(reference), other_(other), feeds_(feeds) {}

  Result<Json> run(const ProgressFn& progress) {
    HT_ASSIGN(layers_, common_layers(reference_, other_));
    HT_ASSIGN(first_, tapped_executor(reference_, layers_, &Layer::reference));
    HT_ASSIGN(second_, tapped_executor(other_, layers_, &Layer::other));
    if (is_quantized(other_.graph) && !is_quantized(reference_.graph)) cut();
    for (size_t begin = 0, end; begin < layers_.size(); begin = end) {
      int64_t bytes = 0;
      for (end = begin; end < layers_.size() && (end == begin || bytes + layers_[end].bytes <= kBatchBytes); ++end) {
        bytes += layers_[end].bytes;
      }
      if (progress && !progress("compare", static_cast<int64_t>(begin), static_cast<int64_t>(layers_.size()))) {
        return Error{ErrorCode::kCancelled, "The comparison was cancelled.", "", ""};
      }
      HT_TRY(compare_batch({layers_.data() + begin, end - begin}));
    }
    return std::move(diffs_);
  }

 private:
  void cut() {
    std::vector<std::string> names;
    for (const Layer& layer : layers_) names.push_back(layer.name);
    alone_ = layers_alone(other_, names);
  }

  Status compare_batch(std::span<const Layer> batch) {
    const std::unique_ptr<Executor> alone = alone_ ? alone_executor(*alone_, batch) : nullptr;
    HT_ASSIGN(const Feeds a, run_taps(*first_, feeds_, reference_taps(batch, alone.get())));
    std::vector<std::string> others;
    for (const Layer& layer : batch) others.push_back(layer.other);
    HT_ASSIGN(const Feeds b, run_taps(*second_, feeds_, std::move(others)));
    const Feeds own = alone ? run_alone(*alone, batch, a) : Feeds();
    for (const Layer& layer : batch) {
      const auto x = a.find(layer.reference), y = b.find(layer.other);
      if (x == a.end() || y == b.end() || x->second.dims() != y->second.dims()) continue;
      HT_ASSIGN(Json diff, layer_facts(layer.name, layer.op, x->second, y->second, layer.reach));
      const auto z = own.find(layer.name);
      if (z != own.end() && z->second.dims() == x->second.dims()) {
        HT_ASSIGN(const std::vector<float> wanted, to_floats(x->second));
        HT_ASSIGN(const std::vector<float> made, to_floats(z->second));
        diff.set("aloneSqnr", sqnr_json(distortion(wanted, made).sqnr_db));
      }
      diffs_.push(std::move(diff));
    }
    return ok_status();
  }

  // What one run of the reference gives: the batch, and what the cut part reads.
  std::vector<std::string> reference_taps(std::span<const Layer> batch, const Executor* alone) const {
    std::vector<std::string> taps;
    for (const Layer& layer : batch) taps.push_back(layer.reference);
    if (alone == nullptr) return taps;
    const Graph& part = alone->program().graph;
    for (ValueId id : part.inputs) {
      const std::string* tap = tap_of(part.value(id).name);
      if (tap != nullptr && std::find(taps.begin(), taps.end(), *tap) == taps.end()) taps.push_back(*tap);
    }
    return taps;
  }

  // Where the reference has the value of a layer; null: it is an input of the model.
  const std::string* tap_of(const std::string& layer) const {
    const auto at = std::find_if(layers_.begin(), layers_.end(), [&](const Layer& l) { return l.name == layer; });
    return at == layers_.end() ? nullptr : &at->reference;
  }

  // What each layer makes of float inputs, by its name.
  Feeds run_alone(Executor& executor, std::span<const Layer> batch, const Feeds& taps) {
    Feeds feeds;
    const Graph& graph = executor.program().graph;
    for (ValueId id : graph.inputs) {
      const std::string& name = graph.value(id).name;
      const std::string* tap = tap_of(name);
      const Feeds& from = tap == nullptr ? feeds_ : taps;
      if (const auto fed = from.find(tap == nullptr ? name : *tap); fed != from.end()) feeds.emplace(name, fed->second);
    }
    auto result = executor.run(feeds);
    if (!result.ok()) return {};
    Feeds made;
    for (size_t i = 0; i < batch.size(); ++i) made.emplace(batch[i].name, std::move(result->outputs[i].second));
    return made;
  }

  const Model &reference_, &other_;
  const Feeds& feeds_;
  std::vector<Layer> layers_;
  std::unique_ptr<Executor> first_, second_;
  std::optional<LayersAlone> alone_;
  Json diffs_ = Json::array();
};

}  // namespace

Result<Json> compare(Session& reference, Session& other, const Feeds& feeds, const ProgressFn& progress) {
  HT_ASSIGN(Json outputs, diff_outputs(reference, other, feeds));
  HT_ASSIGN(Json layers, LayerDiffs(reference.model(), other.model(), feeds).run(progress));
  return Json(Json::Object{{"outputs", std::move(outputs)}, {"layers", std::move(layers)}});
}

}  // namespace halftone
