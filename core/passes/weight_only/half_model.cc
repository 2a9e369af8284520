// Goes through the nodes in order: each float32 value has a float16 twin, made where it is needed first.
#include "core/passes/weight_only/half_model.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/graph/edit.h"
#include "core/passes/quantize/new_nodes.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

constexpr float kLargest = 65504.0f, kSmallest = 0x1p-24f;

constexpr std::array<std::string_view, 22> kFullOps = {"Bernoulli",
                                                       "BlackmanWindow",
                                                       "CumSum",
                                                       "DFT",
                                                       "DequantizeLinear",
                                                       "DynamicQuantizeLinear",
                                                       "HammingWindow",
                                                       "HannWindow",
                                                       "Loop",
                                                       "MelWeightMatrix",
                                                       "Multinomial",
                                                       "NonMaxSuppression",
                                                       "QuantizeLinear",
                                                       "RandomNormal",
                                                       "RandomNormalLike",
                                                       "RandomUniform",
                                                       "RandomUniformLike",
                                                       "Range",
                                                       "Resize",
                                                       "RoiAlign",
                                                       "STFT",
                                                       "Upsample"};

class Halver {
 public:
  Halver(const Model& model, WeightReport& report, const NodeSelection& selection)
      : report_(report), selection_(selection), uses_(model.graph) {
    out_.model = model;
  }

  Result<HalfModel> run() {
    std::vector<Node> nodes = std::move(graph().nodes);
    graph().nodes.clear();
    graph().nodes.reserve(nodes.size());
    halves_.assign(graph().values.size(), kNoValue);
    made_.emplace(graph());
    for (const Node& node : nodes) full_.push_back(!stays_full(node).empty());
    for (size_t n = 0; n < nodes.size(); ++n) {
      const std::string reason = stays_full(nodes[n]);
      if (reason.empty()) {
        HT_TRY(halve(nodes[n]));
        report_.quantized(n);
      } else {
        made_->add(std::move(nodes[n]));
        report_.skipped(n, reason);
      }
    }
    graph().nodes = made_->take();
    compact(graph());
    return std::move(out_);
  }

 private:
  Graph& graph() { return out_.model.graph; }
  bool is_full(ValueId id) { return id != kNoValue && graph().value(id).dtype == DType::kFloat; }

  std::string stays_full(const Node& node) {
    if (!node.domain.empty()) return "an operator of " + node.domain;
    if (std::find(kFullOps.begin(), kFullOps.end(), node.op_type) != kFullOps.end()) {
      return node.op_type + " is not computed in float16";
    }
    for (const auto& [key, attribute] : node.attributes) {
      if (std::holds_alternative<GraphPtr>(attribute.value)) return "it holds a graph";
    }
    const auto any = [&](const std::vector<ValueId>& ids) {
      return std::any_of(ids.begin(), ids.end(), [&](ValueId id) { return is_full(id); });
    };
    if (!any(node.inputs) && !any(node.outputs)) return "it works on no float32";
    return not_taken(graph(), node, selection_);
  }

  Status halve(Node node) {
    const std::vector<ValueId> outputs = node.outputs;
    for (ValueId& id : node.inputs) {
      if (!is_full(id)) continue;
      HT_ASSIGN(id, half_of(id));
    }
    set_types(node);
    for (ValueId& id : node.outputs) {
      if (is_full(id)) id = twin(id);
    }
    made_->add(std::move(node));
    for (const ValueId id : outputs) {
      if (is_full(id) && needed_full(id)) {
        made_->add_into("Cast", short_name(graph(), id), {half(id)}, {id},
                        {{"to", static_cast<int64_t>(DType::kFloat)}});
      }
    }
    return ok_status();
  }

  // Somebody reads the value as float32: a node that stays so, a subgraph, the caller.
  bool needed_full(ValueId id) const {
    return std::any_of(uses_.uses(id).begin(), uses_.uses(id).end(),
                       [&](const Use& use) { return use.node < 0 || full_[static_cast<size_t>(use.node)]; });
  }

  ValueId& half(ValueId id) { return halves_[static_cast<size_t>(id)]; }

  ValueId twin(ValueId id) { return half(id) = made_->value(short_name(graph(), id) + "_half"); }

  Result<ValueId> half_of(ValueId id) {
    if (half(id) != kNoValue) return half(id);
    const std::string base = short_name(graph(), id);
    if (graph().value(id).is_constant()) {
      HT_ASSIGN(Tensor tensor, half_constant(id));
      half(id) = made_->constant(base + "_half", std::move(tensor));
    } else {
      half(id) = made_->cast(base, id, DType::kFloat16);
    }
    return half(id);
  }

  Result<Tensor> half_constant(ValueId id) {
    const Tensor full = graph().value(id).constant;
    HT_ASSIGN(Tensor fitted, Tensor::allocate(DType::kFloat, full.dims(), graph().value(id).name));
    auto to = fitted.mutable_data<float>();
    const auto from = full.data<float>();
    for (size_t i = 0; i < from.size(); ++i) {
      const float size = std::fabs(from[i]);
      to[i] = from[i];
      if (std::isfinite(size) && size > kLargest) {
        to[i] = std::copysign(kLargest, from[i]);
        ++out_.clipped;
      } else if (size > 0 && size < kSmallest) {
        to[i] = std::copysign(kSmallest, from[i]);
        ++out_.raised;
      }
    }
    HT_ASSIGN(Tensor half, convert(fitted, DType::kFloat16));
    if (full.size() > 0) {
      HT_ASSIGN(const Tensor back, convert(half, DType::kFloat));
      report_.weight({.name = graph().value(id).name,
                      .nodes = {},
                      .method = "cast",
                      .form = "float16",
                      .elements = full.size(),
                      .bits = 16,
                      .bytes_before = full.byte_size(),
                      .bytes_after = half.byte_size(),
                      .facts = {.sqnr_db = facts_by_row(from, back.data<float>(), full.size()).sqnr_db}});
    }
    full.let_go();
    return half;
  }

  // Attributes that name the type of the output.
  static void set_types(Node& node) {
    const auto float_code = static_cast<int64_t>(DType::kFloat), half_code = static_cast<int64_t>(DType::kFloat16);
    for (const char* key : {"to", "dtype", "output_dtype"}) {
      if (node.int_attr(key, 0) == float_code) set_attributes(node, {{key, half_code}});
    }
    if (node.op_type != "ConstantOfShape") return;
    const Tensor* value = node.tensor_attr("value");
    const Tensor full = value != nullptr ? *value : Tensor::of<float>({1}, {0});
    if (full.dtype() != DType::kFloat) return;
    auto half = convert(full, DType::kFloat16);
    if (half.ok()) node.attributes["value"] = Attribute(*std::move(half));
  }

  HalfModel out_;
  WeightReport& report_;
  const NodeSelection& selection_;
  const UseMap uses_;
  std::vector<bool> full_;  // by node
  std::optional<NewNodes> made_;
  std::vector<ValueId> halves_;  // by value of the model
};

}  // namespace

Result<HalfModel> half_model(const Model& model, WeightReport& report, const NodeSelection& selection) {
  return Halver(model, report, selection).run();
}

}  // namespace halftone
