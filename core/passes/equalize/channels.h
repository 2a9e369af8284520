// Which channels of a network may be scaled without changing what it computes.
//
// A scale s > 0 on one channel of a tensor is made by the node before (its weights' rows times s) and undone by the
// nodes behind (their weights' columns over s). On the way it passes through whatever is positively homogeneous or
// linear channel by channel: Relu, pooling, Add, Concat ... Channels that must be scaled alike form a class; a class
// is fixed (s = 1) where it reaches a node that does not let scales through, or the outside.
// Source: Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", 2019, section 4.1;
// here over whole classes instead of pairs of layers, so that residual sums, Concat and several readers take part.
#pragma once

#include <cstdint>
#include <vector>

#include "core/graph/edit.h"
#include "core/graph/graph.h"

namespace halftone {

// A weight [A, B, rest...] and which channels of input and output an element (a, b) joins, in `groups` groups:
// output a, input (a's group, b); or, where input_first, input a, output (a's group, b).
struct ChannelWeight {
  int64_t a = 1, b = 1, rest = 1, groups = 1;
  bool input_first = false;

  int64_t other(int64_t at_a, int64_t at_b) const { return at_a / (a / groups) * b + at_b; }
  int64_t input(int64_t at_a, int64_t at_b) const { return input_first ? at_a : other(at_a, at_b); }
  int64_t output(int64_t at_a, int64_t at_b) const { return input_first ? other(at_a, at_b) : at_a; }
};

// Conv, ConvTranspose, Gemm, MatMul with a constant weight: undoes scales of its input, makes those of its output.
struct LinearNode {
  int32_t node = -1;
  ValueId x = kNoValue, y = kNoValue, weight = kNoValue, bias = kNoValue;
  ChannelWeight layout;
};

// y = x * factor + offset by channel, with constants (BatchNormalization; Mul, Add and Div by a vector;
// LayerNormalization, whose input is fixed): undoes scales of x and makes those of y.
struct AffineNode {
  int32_t node = -1;
  ValueId x = kNoValue, y = kNoValue;
};

// Clip to [0, limit]: lets a channel's scale through as long as nothing of it reaches the limit.
struct LimitNode {
  ValueId x = kNoValue;
  float limit = 0;
};

class ChannelMap {
 public:
  // Shapes are inferred, nodes in order.
  explicit ChannelMap(const Graph& graph);

  // Channels of a value that takes part, and its channel axis; 0: it does not.
  int64_t channels(ValueId id) const { return count_[index(id)]; }
  int64_t axis(ValueId id) const { return axis_[index(id)]; }
  // The class of one channel, dense from 0; -1: fixed.
  int32_t channel_class(ValueId id, int64_t channel) const {
    return class_of_[static_cast<size_t>(first_[index(id)] + channel)];
  }
  int32_t classes() const { return classes_; }
  const std::vector<LinearNode>& linear() const { return linear_; }
  const std::vector<AffineNode>& affine() const { return affine_; }
  const std::vector<LimitNode>& limits() const { return limits_; }
  // Values with a channel that is not fixed, in order of appearance.
  std::vector<ValueId> scalable() const;

 private:
  friend class ChannelMapper;
  static size_t index(ValueId id) { return static_cast<size_t>(id); }

  std::vector<int64_t> first_, count_, axis_;  // by value
  std::vector<int32_t> class_of_;              // by channel variable
  int32_t classes_ = 0;
  std::vector<LinearNode> linear_;
  std::vector<AffineNode> affine_;
  std::vector<LimitNode> limits_;
};

}  // namespace halftone
