// Union-find over the channels of all values; one rule per kind of node says what it joins and what it fixes.
#include "core/passes/equalize/channels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/compile/rewrites/clip_range.h"

namespace halftone {
namespace {

// Channel by channel, and positively homogeneous: f(s * x) = s * f(x). Axis 1 or last, whatever the input's is.
constexpr std::array<std::string_view, 5> kHomogeneous = {"Relu", "LeakyRelu", "Identity", "Dropout", "Abs"};
constexpr std::array<std::string_view, 4> kPools = {"MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool"};

bool same_shape(const SymShape& a, const SymShape& b) {
  if (!a.has_rank() || !b.has_rank() || a.dims().size() != b.dims().size()) return false;
  return std::equal(a.dims().begin(), a.dims().end(), b.dims().begin(),
                    [](const Dim& left, const Dim& right) { return left.same(right); });
}

template <typename List>
bool listed(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

class ChannelMapper {
 public:
  ChannelMapper(const Graph& graph, ChannelMap& map) : graph_(graph), uses_(graph), map_(map) {
    map_.first_.assign(graph.values.size(), -1);
    map_.count_.assign(graph.values.size(), 0);
    map_.axis_.assign(graph.values.size(), -1);
  }

  void run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (!visit(static_cast<int32_t>(n), graph_.nodes[n])) fix_all(graph_.nodes[n]);
    }
    for (ValueId id : graph_.inputs) fix(id);
    for (ValueId id : graph_.outputs) fix(id);
    for (size_t id = 0; id < graph_.values.size(); ++id) {
      if (captured(static_cast<ValueId>(id))) fix(static_cast<ValueId>(id));
    }
    number_classes();
  }

 private:
  static size_t index(ValueId id) { return static_cast<size_t>(id); }
  const Value& value(ValueId id) const { return graph_.value(id); }

  // Read by a graph inside of a node.
  bool captured(ValueId id) const {
    const auto uses = uses_.uses(id);
    return std::any_of(uses.begin(), uses.end(), [](const Use& use) { return use.node >= 0 && use.input < 0; });
  }

  // Gives the value channel variables along `axis`; false: its size there is not known, or it has other ones.
  bool take_part(ValueId id, int64_t axis) {
    if (id == kNoValue || value(id).is_constant() || value(id).dtype != DType::kFloat) return false;
    const SymShape& shape = value(id).shape;
    if (!shape.has_rank() || axis >= static_cast<int64_t>(shape.dims().size())) return false;
    const Dim& dim = shape.dims()[static_cast<size_t>(axis)];
    if (!dim.known() || dim.value <= 0) return false;
    if (map_.count_[index(id)] > 0) return map_.axis_[index(id)] == axis;
    map_.first_[index(id)] = static_cast<int64_t>(parent_.size());
    map_.count_[index(id)] = dim.value;
    map_.axis_[index(id)] = axis;
    for (int64_t c = 0; c < dim.value; ++c) parent_.push_back(static_cast<int64_t>(parent_.size()));
    fixed_.resize(parent_.size(), false);
    return true;
  }

  // The axis that the value has already, or else `axis`.
  int64_t known_axis(ValueId id, int64_t axis) const {
    return id != kNoValue && map_.count_[index(id)] > 0 ? map_.axis_[index(id)] : axis;
  }

  int64_t find(int64_t v) {
    while (parent_[static_cast<size_t>(v)] != v) {
      int64_t& up = parent_[static_cast<size_t>(v)];
      up = parent_[static_cast<size_t>(up)];
      v = up;
    }
    return v;
  }

  void join_channel(ValueId a, int64_t channel_a, ValueId b, int64_t channel_b) {
    const int64_t left = find(map_.first_[index(a)] + channel_a), right = find(map_.first_[index(b)] + channel_b);
    const int64_t low = std::min(left, right), high = std::max(left, right);
    parent_[static_cast<size_t>(high)] = low;
    if (fixed_[static_cast<size_t>(high)]) fixed_[static_cast<size_t>(low)] = true;
  }

  bool join(ValueId a, ValueId b) {
    if (map_.count_[index(a)] != map_.count_[index(b)]) return false;
    for (int64_t c = 0; c < map_.count_[index(a)]; ++c) join_channel(a, c, b, c);
    return true;
  }

  void fix(ValueId id) {
    if (id == kNoValue) return;
    for (int64_t c = 0; c < map_.count_[index(id)]; ++c) {
      fixed_[static_cast<size_t>(find(map_.first_[index(id)] + c))] = true;
    }
    never_.resize(graph_.values.size(), false);
    never_[index(id)] = true;  // whoever meets it later
  }

  void fix_all(const Node& node) {
    for (ValueId id : node.inputs) fix(id);
    for (ValueId id : node.outputs) fix(id);
  }

  bool visit(int32_t n, const Node& node) {
    if (!node.domain.empty() || node.output(0) == kNoValue) return false;
    const std::string& op = node.op_type;
    if (op == "Conv" || op == "ConvTranspose" || op == "Gemm" || op == "MatMul") return linear(n, node);
    if (op == "Concat") return concat(node);
    if (op == "Add" || op == "Sub") return sum(n, node);
    if (op == "Mul" || op == "Div" || op == "BatchNormalization") return affine(n, node);
    if (op == "LayerNormalization") return normalization(n, node);
    if (op == "Flatten" || op == "Reshape" || op == "Squeeze") return flatten(node);
    if (op == "Pad" && node.string_attr("mode", "constant") != "constant") return pass_through(node, 1);
    if (listed(kPools, op))
      return uses_.uses(node.output(0)).size() > 0 && single_output(node) && pass_through(node, 1);
    if (listed(kHomogeneous, op)) return single_output(node) && pass_through(node, 1);
    if (const auto range = clip_range(graph_, node)) return clip(node, *range);
    return false;
  }

  bool single_output(const Node& node) const {
    for (size_t i = 1; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue && !uses_.uses(node.outputs[i]).empty()) return false;
    }
    return true;
  }

  bool pass_through(const Node& node, int64_t axis) {
    axis = known_axis(node.input(0), axis);
    return take_part(node.input(0), axis) && take_part(node.output(0), axis) && join(node.input(0), node.output(0));
  }

  bool clip(const Node& node, ClipRange range) {
    if (range.lo != 0 || !pass_through(node, 1)) return false;
    if (std::isfinite(range.hi)) map_.limits_.push_back({node.input(0), range.hi});
    return true;
  }

  // [N, C, 1, 1] -> [N, C].
  bool flatten(const Node& node) {
    const ValueId x = node.input(0), y = node.output(0);
    if (x == kNoValue || !value(x).shape.has_rank() || !value(y).shape.has_rank()) return false;
    const auto& from = value(x).shape.dims();
    const auto& to = value(y).shape.dims();
    if (from.size() < 3 || to.size() != 2 || !take_part(x, 1) || !take_part(y, 1)) return false;
    for (size_t i = 2; i < from.size(); ++i) {
      if (!from[i].known() || from[i].value != 1) return false;
    }
    return join(x, y);
  }

  bool concat(const Node& node) {
    const int64_t axis = node.int_attr("axis", 1);
    if (axis <= 0 || !take_part(node.output(0), axis)) return false;
    int64_t offset = 0;
    for (ValueId id : node.inputs) {
      if (!take_part(id, axis)) return false;
      for (int64_t c = 0; c < map_.count_[index(id)]; ++c) join_channel(id, c, node.output(0), offset + c);
      offset += map_.count_[index(id)];
    }
    return offset == map_.count_[index(node.output(0))];
  }

  // A constant that has one element per channel of `y`, or that stands alone.
  bool by_channel(ValueId id, ValueId y) const {
    if (id == kNoValue || !value(id).is_constant() || value(id).dtype != DType::kFloat) return false;
    if (!uses_.single_use(id)) return false;
    const Tensor& constant = value(id).constant;
    const int64_t rank = static_cast<int64_t>(value(y).shape.dims().size());
    const int64_t axis = map_.axis_[index(y)] - (rank - constant.rank());
    return constant.size() == map_.count_[index(y)] && axis >= 0 && axis < constant.rank() &&
           constant.dims()[static_cast<size_t>(axis)] == constant.size();
  }

  bool sum(int32_t n, const Node& node) {
    const ValueId a = node.input(0), b = node.input(1), y = node.output(0);
    if (a == kNoValue || b == kNoValue) return false;
    if (value(a).is_constant() || value(b).is_constant()) return affine(n, node);
    const int64_t axis = known_axis(a, known_axis(b, default_axis(y)));
    if (!same_shape(value(a).shape, value(b).shape)) return false;
    return take_part(a, axis) && take_part(b, axis) && take_part(y, axis) && join(a, y) && join(b, y);
  }

  // Images have their channels on axis 1, rows of features on the last one.
  int64_t default_axis(ValueId id) const {
    const int64_t rank = static_cast<int64_t>(value(id).shape.has_rank() ? value(id).shape.dims().size() : 0);
    return rank >= 4 || rank <= 2 ? 1 : rank - 1;
  }

  bool affine(int32_t n, const Node& node) {
    const bool norm = node.op_type == "BatchNormalization";
    const bool swapped = !norm && node.input(0) != kNoValue && value(node.input(0)).is_constant();
    if (swapped && (node.op_type == "Div" || node.op_type == "Sub")) return false;
    const ValueId x = node.input(swapped ? 1 : 0), y = node.output(0);
    if (!norm && (node.input(0) == node.input(1) || node.input(1) == kNoValue)) return false;  // x * x squares scales
    const int64_t axis = norm ? 1 : known_axis(x, default_axis(y));
    if (!take_part(x, axis) || !take_part(y, axis) || map_.count_[index(x)] != map_.count_[index(y)]) return false;
    for (ValueId id : node.inputs) {
      if (id != x && !by_channel_of_rank1(id, y, norm)) return false;
    }
    map_.affine_.push_back({n, x, y});
    // A sum scales what is added to it; nothing undoes the scale on the way.
    return node.op_type != "Add" && node.op_type != "Sub" ? true : join(x, y);
  }

  bool by_channel_of_rank1(ValueId id, ValueId y, bool rank1) const {
    if (!rank1) return by_channel(id, y);
    return id != kNoValue && value(id).is_constant() && value(id).dtype == DType::kFloat && uses_.single_use(id) &&
           value(id).constant.size() == map_.count_[index(y)];
  }

  bool normalization(int32_t n, const Node& node) {
    const ValueId y = node.output(0);
    const int64_t axis = default_axis(y);
    const int64_t normalized = node.int_attr("axis", -1);
    if (normalized != -1 && normalized != axis) return false;
    if (!single_output(node) || !take_part(y, axis)) return false;
    for (size_t i = 1; i < node.inputs.size(); ++i) {
      if (!by_channel(node.inputs[i], y)) return false;
    }
    fix(node.input(0));
    map_.affine_.push_back({n, kNoValue, y});
    return true;
  }

  bool linear(int32_t n, const Node& node) {
    LinearNode one{n, node.input(0), node.output(0), node.input(1), node.op_type == "MatMul" ? kNoValue : node.input(2),
                   {}};
    if (one.weight == kNoValue || !value(one.weight).is_constant() || !uses_.single_use(one.weight)) return false;
    if (one.bias != kNoValue && (!value(one.bias).is_constant() || !uses_.single_use(one.bias))) return false;
    const Dims& dims = value(one.weight).constant.dims();
    const bool conv = node.op_type == "Conv" || node.op_type == "ConvTranspose";
    if (dims.size() < 2 || (!conv && dims.size() != 2) || value(one.weight).dtype != DType::kFloat) return false;
    if (node.int_attr("transA", 0) != 0) return false;
    ChannelWeight& w = one.layout;
    w.a = dims[0];
    w.b = dims[1];
    for (size_t i = 2; i < dims.size(); ++i) w.rest *= dims[i];
    w.groups = conv ? std::max<int64_t>(1, node.int_attr("group", 1)) : 1;
    w.input_first = node.op_type == "ConvTranspose" || node.op_type == "MatMul" ||
                    (node.op_type == "Gemm" && node.int_attr("transB", 0) == 0);
    if (w.a == 0 || w.b == 0 || w.rest == 0 || w.a % w.groups != 0) return false;
    const int64_t other = w.groups * w.b, inputs = w.input_first ? w.a : other, outputs = w.input_first ? other : w.a;
    const auto axis_of = [&](ValueId id) {
      return conv ? int64_t{1}
                  : static_cast<int64_t>(value(id).shape.has_rank() ? value(id).shape.dims().size() : 0) - 1;
    };
    if (one.x == kNoValue || !take_part(one.x, axis_of(one.x)) || !take_part(one.y, axis_of(one.y))) return false;
    if (map_.count_[index(one.x)] != inputs || map_.count_[index(one.y)] != outputs) return false;
    if (one.bias != kNoValue && value(one.bias).constant.size() != outputs) return false;
    map_.linear_.push_back(one);
    return true;
  }

  void number_classes() {
    never_.resize(graph_.values.size(), false);
    for (size_t id = 0; id < graph_.values.size(); ++id) {
      if (never_[id]) fix(static_cast<ValueId>(id));
    }
    std::vector<int32_t> number(parent_.size(), -1);
    map_.class_of_.assign(parent_.size(), -1);
    for (size_t v = 0; v < parent_.size(); ++v) {
      const auto root = static_cast<size_t>(find(static_cast<int64_t>(v)));
      if (fixed_[root]) continue;
      if (number[root] < 0) number[root] = map_.classes_++;
      map_.class_of_[v] = number[root];
    }
  }

  const Graph& graph_;
  const UseMap uses_;
  ChannelMap& map_;
  std::vector<int64_t> parent_;  // by channel variable
  std::vector<bool> fixed_;      // by leader
  std::vector<bool> never_;      // by value
};

ChannelMap::ChannelMap(const Graph& graph) { ChannelMapper(graph, *this).run(); }

std::vector<ValueId> ChannelMap::scalable() const {
  std::vector<ValueId> list;
  for (size_t id = 0; id < count_.size(); ++id) {
    for (int64_t c = 0; c < count_[id]; ++c) {
      if (channel_class(static_cast<ValueId>(id), c) < 0) continue;
      list.push_back(static_cast<ValueId>(id));
      break;
    }
  }
  return list;
}

}  // namespace halftone
