// Scales of channels, written into weights and constants.
#include "core/passes/equalize/scales.h"

namespace halftone {
namespace {

class Applier {
 public:
  Applier(Graph& graph, const ChannelMap& map, const std::vector<float>& scales)
      : graph_(graph), map_(map), scales_(scales) {}

  Status linear(const LinearNode& node) {
    const ChannelWeight& l = node.layout;
    HT_TRY(change(node.weight, [&](float* w) {
      for (int64_t i = 0; i < l.a * l.b; ++i) {
        const float s = scale(node.y, l.output(i / l.b, i % l.b)) / scale(node.x, l.input(i / l.b, i % l.b));
        for (int64_t r = 0; r < l.rest; ++r) w[i * l.rest + r] *= s;
      }
    }));
    return by_channel(node.bias, [&](int64_t c) { return scale(node.y, c); });
  }

  Status affine(const AffineNode& node) {
    const Node& op = graph_.nodes[static_cast<size_t>(node.node)];
    const auto in = [&](int64_t c) { return node.x == kNoValue ? 1.0f : scale(node.x, c); };
    const auto out = [&](int64_t c) { return scale(node.y, c); };
    if (op.op_type == "BatchNormalization") {
      // The variance belongs to x too, but its epsilon forbids scaling it: the factor undoes what the mean gets.
      HT_TRY(by_channel(op.inputs[1], [&](int64_t c) { return out(c) / in(c); }));
      HT_TRY(by_channel(op.inputs[2], out));
      return by_channel(op.inputs[3], in);
    }
    if (op.op_type == "LayerNormalization") {
      HT_TRY(by_channel(op.inputs[1], out));
      return by_channel(op.input(2), out);
    }
    const ValueId constant = op.inputs[0] == node.x ? op.inputs[1] : op.inputs[0];
    if (op.op_type == "Mul") return by_channel(constant, [&](int64_t c) { return out(c) / in(c); });
    if (op.op_type == "Div") return by_channel(constant, [&](int64_t c) { return in(c) / out(c); });
    return by_channel(constant, out);
  }

 private:
  float scale(ValueId id, int64_t channel) const {
    const int32_t k = map_.channel_class(id, channel);
    return k < 0 ? 1 : scales_[static_cast<size_t>(k)];
  }

  template <typename Edit>
  Status change(ValueId id, const Edit& edit) {
    Tensor& constant = graph_.value(id).constant;
    HT_ASSIGN(Tensor copy, Tensor::allocate(DType::kFloat, constant.dims(), graph_.value(id).name));
    const auto from = constant.data<float>();
    std::copy(from.begin(), from.end(), copy.mutable_data<float>().begin());
    constant.let_go();
    edit(copy.mutable_data<float>().data());
    constant = std::move(copy);
    return ok_status();
  }

  template <typename Factor>
  Status by_channel(ValueId id, const Factor& factor) {
    if (id == kNoValue) return ok_status();
    return change(id, [&](float* values) {
      for (int64_t c = 0; c < graph_.value(id).constant.size(); ++c) values[c] *= factor(c);
    });
  }

  Graph& graph_;
  const ChannelMap& map_;
  const std::vector<float>& scales_;
};

}  // namespace

Status apply_scales(Graph& graph, const ChannelMap& map, const std::vector<float>& scales) {
  Applier applier(graph, map, scales);
  for (const LinearNode& node : map.linear()) HT_TRY(applier.linear(node));
  for (const AffineNode& node : map.affine()) HT_TRY(applier.affine(node));
  return ok_status();
}

}  // namespace halftone
