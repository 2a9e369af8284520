// Makes QuantizeLinear and DequantizeLinear nodes and the constants they need, for insert.h, which orders them.
// Equal things are made once: a weight under one set of parameters, a zero point.
#pragma once

#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/graph/names.h"
#include "core/passes/quantize/new_nodes.h"
#include "core/stats/choose_params.h"

namespace halftone {

struct ScaleAndZero {
  ValueId scale = kNoValue, zero = kNoValue;  // zero: absent for int32
};

class LinearNodes {
 public:
  // New nodes are appended to `nodes`; the graph's own list may be empty meanwhile (its names are indexed now).
  LinearNodes(Graph& graph, std::vector<Node>& nodes) : graph_(graph), nodes_(nodes), names_(graph) {}

  std::string base(ValueId id) const { return short_name(graph_, id); }
  ValueId add_value(const std::string& name, DType dtype, SymShape shape) {
    return names_.add_value(name, dtype, std::move(shape));
  }
  // Constants: scalars per tensor, vectors per channel; per block as many as `of`, the dimensions of the tensor, has
  // blocks. Type and values of zero points: those of the integers, but none for int32.
  ScaleAndZero add_params(const std::string& base, const QuantParams& params, const Dims& of);
  // op_type: QuantizeLinear or DequantizeLinear.
  void add_node(const std::string& op_type, const std::string& base, ValueId from, const ScaleAndZero& ids,
                const QuantParams& params, ValueId to);
  // `from` clipped to [low, high].
  ValueId clip(const std::string& base, ValueId from, Range range);

  // The dequantized value of the constant `source` under these parameters, where it was stored before; or kNoValue.
  ValueId find_stored(ValueId source, const QuantParams& params) const;
  // Adds `integers`, which `source` becomes under `params`, and a DequantizeLinear behind them: its output. `turned`:
  // the integers' last two axes are exchanged, and a Transpose exchanges them again.
  ValueId store(ValueId source, Tensor integers, const QuantParams& params, bool turned = false);

 private:
  struct Stored {
    ValueId source, dequantized;
    QuantParams params;
  };
  Node& add(const std::string& op_type, const std::string& base, std::vector<ValueId> inputs, ValueId to);
  ValueId transpose(const std::string& base, ValueId from, size_t rank);
  ValueId zero_point(DType type, const Dims& dims, const std::vector<int32_t>& values);

  Graph& graph_;
  std::vector<Node>& nodes_;
  NameIndex names_;
  std::vector<Stored> stored_;
  std::vector<ValueId> zero_points_;
};

}  // namespace halftone
