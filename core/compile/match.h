// Small questions that rewrite rules ask about a graph. All of them are about ai.onnx operators and answer
// "no" where something is not known; none changes the graph except those named put_ and take_over.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/graph/rewrite.h"

namespace halftone {

// The node is this ai.onnx operator, not erased.
bool is_op(const Node& node, std::string_view op_type);
// The node runs on integers (see kIntegerAttr).
bool is_integer_node(const Node& node);

// Node that produces the value, nullptr for inputs, constants and absent values.
const Node* producer(const RewriteContext& context, ValueId id);
// The only use of the value is an input of one node: no graph output, no tap, no capture. That node, or -1.
int32_t only_consumer(const RewriteContext& context, ValueId id);
// The value is one of the model's own outputs (taps do not count).
bool is_model_output(const RewriteContext& context, ValueId id);

// The constant's tensor; nullptr where the value is absent or not constant.
const Tensor* constant_of(const Graph& graph, ValueId id);
// The constant's elements when it is float32; nullopt otherwise.
std::optional<std::vector<float>> float_constant(const Graph& graph, ValueId id);
// The constant's elements when it is of an integer type (as int64); nullopt otherwise.
std::optional<std::vector<int64_t>> int_constant(const Graph& graph, ValueId id);

// A float32 constant that NumPy broadcasting adds along `axis` (from the front) of a tensor of `rank` dims
// with `channels` there, the same for all other axes: its values per channel. nullopt where it is not so.
std::optional<std::vector<float>> per_channel_constant(const Tensor& tensor, int64_t rank, int64_t axis,
                                                       int64_t channels);

// Whether both shapes are known to be the same, dim by dim.
bool same_shape(const SymShape& a, const SymShape& b);

// Sets an input, adding absent ones before it.
void put_input(Node& node, size_t index, ValueId id);
// `to` takes the place of `from` everywhere, and answers to its name. `from` loses its uses.
void take_over(Graph& graph, ValueId from, ValueId to);
// `to` answers to the name of `from`, and taps of `from` observe `to`. Other uses stay.
void put_stand_in(RewriteContext& context, ValueId from, ValueId to);

}  // namespace halftone
