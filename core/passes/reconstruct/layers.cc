// Pairs by the names of what layers make.
#include "core/passes/reconstruct/layers.h"

#include <algorithm>
#include <unordered_map>

#include "core/compile/rewrites/clip_range.h"

namespace halftone {
namespace {

bool is_op(const Node& node, std::string_view op) { return node.domain.empty() && node.op_type == op; }

class Pairing {
 public:
  Pairing(const Graph& quantized, const Model& reference)
      : quantized_(quantized), float_(reference.graph), quantized_uses_(quantized), float_uses_(reference.graph) {
    WeightReport report(float_);
    for (WeightOf& weight : weights_of(float_, {}, report)) {
      if (weight.readers.size() == 1) weights_.emplace(weight.readers[0].node, std::move(weight));
    }
    for (size_t id = 0; id < float_.values.size(); ++id) {
      by_name_.emplace(float_.values[id].name, static_cast<ValueId>(id));
    }
  }

  std::vector<QuantizedLayer> run() const {
    std::vector<QuantizedLayer> layers;
    for (size_t n = 0; n < quantized_.nodes.size(); ++n) {
      QuantizedLayer layer;
      layer.node = static_cast<int32_t>(n);
      if (read_quantized(quantized_.nodes[n], layer) && read_float(quantized_.nodes[n], layer)) {
        layers.push_back(std::move(layer));
      }
    }
    return layers;
  }

 private:
  const Node* dequantizer(ValueId id) const {
    const int32_t n = id == kNoValue ? -1 : quantized_uses_.producer(id);
    const Node* node = n < 0 ? nullptr : &quantized_.nodes[static_cast<size_t>(n)];
    return node != nullptr && is_op(*node, "DequantizeLinear") ? node : nullptr;
  }

  // The constants behind `id`, where it is a dequantized constant that nobody else reads.
  bool read_constant(ValueId id, ValueId& codes, ValueId& scale, ValueId& zero) const {
    const Node* node = dequantizer(id);
    if (node == nullptr || node->int_attr("block_size", 0) != 0) return false;
    codes = node->inputs[0];
    scale = node->inputs[1];
    zero = node->input(2);
    const bool alone = quantized_uses_.single_use(id) && quantized_uses_.single_use(codes);
    return alone && quantized_.value(codes).is_constant() && quantized_.value(scale).is_constant() &&
           (zero == kNoValue || quantized_.value(zero).is_constant());
  }

  bool read_quantized(const Node& node, QuantizedLayer& layer) const {
    if (!is_op(node, "Conv") && !is_op(node, "Gemm") && !is_op(node, "MatMul")) return false;
    const Node* x = dequantizer(node.input(0));
    if (x == nullptr || quantized_.value(x->inputs[0]).is_constant()) return false;
    layer.label = node_label(quantized_, node);
    layer.x_quantized = quantized_.value(node.inputs[0]).name;
    layer.x_scale = x->inputs[1];
    if (!read_constant(node.input(1), layer.codes, layer.scale, layer.zero)) return false;
    if (node.input(2) == kNoValue) return true;
    ValueId zero = kNoValue;
    return read_constant(node.input(2), layer.bias_codes, layer.bias_scale, zero) && zero == kNoValue;
  }

  // What the float model calls the layer's output: a model output's own name went to what is dequantized last.
  ValueId float_output(const Node& node) const {
    ValueId id = node.outputs[0];
    for (int step = 0; step < 3; ++step) {
      const auto at = by_name_.find(quantized_.value(id).name);
      if (at != by_name_.end()) return at->second;
      const auto uses = quantized_uses_.uses(id);
      if (uses.size() != 1 || uses[0].node < 0) return kNoValue;
      id = quantized_.nodes[static_cast<size_t>(uses[0].node)].output(0);
      if (id == kNoValue) return kNoValue;
    }
    return kNoValue;
  }

  bool read_float(const Node& node, QuantizedLayer& layer) const {
    const ValueId y = float_output(node);
    int32_t n = y == kNoValue ? -1 : float_uses_.producer(y);
    if (n >= 0 && clip_range(float_, float_.nodes[static_cast<size_t>(n)])) {
      n = float_uses_.producer(float_.nodes[static_cast<size_t>(n)].input(0));
    }
    const auto at = weights_.find(static_cast<size_t>(n));
    if (n < 0 || at == weights_.end()) return false;
    const Node& reference = float_.nodes[static_cast<size_t>(n)];
    if (!is_op(reference, node.op_type)) return false;
    layer.form = at->second.form;
    layer.weight = float_.value(at->second.id).constant;
    if (layer.weight.dims() != quantized_.value(layer.codes).constant.dims()) return false;
    const ValueId b = is_op(reference, "MatMul") ? kNoValue : reference.input(2);
    if ((b != kNoValue) != (layer.bias_codes != kNoValue)) return false;
    if (b != kNoValue) {
      if (!float_.value(b).is_constant()) return false;
      layer.bias = float_.value(b).constant;
    }
    auto input = layer_input(float_, at->second);
    if (!input.ok()) return false;
    layer.input = *std::move(input);
    layer.x_float = float_.value(layer.input.x).name;
    return true;
  }

  const Graph& quantized_;
  const Graph& float_;
  const UseMap quantized_uses_, float_uses_;
  std::unordered_map<size_t, WeightOf> weights_;  // by the float node that reads it
  std::unordered_map<std::string, ValueId> by_name_;
};

}  // namespace

std::vector<QuantizedLayer> quantized_layers(const Graph& quantized, const Model& reference) {
  return Pairing(quantized, reference).run();
}

}  // namespace halftone
