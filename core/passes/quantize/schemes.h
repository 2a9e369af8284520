// How one tensor becomes integers: the recipe's choices for all of them, and the exceptions ("overrides") by which a
// node or a tensor gets other ones, stays float, or has its range given. Mixed precision is a list of overrides.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/graph/graph.h"
#include "core/passes/pass_def.h"
#include "core/passes/quantize/weights.h"
#include "core/stats/observer.h"

namespace halftone {

// The observer that needs no data: predict_ranges.h.
inline constexpr std::string_view kBatchNorm = "batch_norm";
// Those of core/stats, and kBatchNorm.
std::span<const std::string_view> activation_observers();

struct ActivationScheme {
  GridSpec grid;  // never stored in fewer than 8 bits: activations are in no file, and kernels want bytes
  std::string observer = "minmax";
};

struct Override;

struct WeightScheme {
  // Never stored in fewer than 4 bits: onnxruntime fuses 2-bit weights to operators that do not take them.
  GridSpec grid;
  bool full_range = false, reduce_range = false;  // hold for the widths and the symmetry of exceptions too
  std::string observer = "minmax";
  bool per_channel = true;
  int64_t block_size = 0;
  Rounding rounding = Rounding::kNearestEven;
  uint64_t seed = 0;
  double range = 1;  // what is found is multiplied with this

  void set_bits(int bits);
  void set_symmetric(bool symmetric);
  void apply(const Override& exception);
};

// An exception; what it does not mention stays as it is.
struct Override {
  std::string where;  // label of a node, name of a tensor or of a weight
  bool keep_float = false;
  std::optional<int> activation_bits, weight_bits;
  std::optional<bool> activation_symmetric, weight_symmetric, per_channel;
  std::optional<std::string> activation_observer, weight_observer;
  std::optional<int64_t> block_size;
  std::optional<double> weight_range;
  std::optional<Range> range;

  bool of_weight() const {
    return weight_bits || weight_symmetric || weight_observer || per_channel || block_size || weight_range;
  }
  bool of_activation() const { return activation_bits || activation_symmetric || activation_observer; }
};

// The members of one entry of the parameter `overrides`.
std::span<const ParamSpec> override_fields();

// entries: a validated list. Errors: kInvalidRecipe; where = "quantize_static.overrides[2].where": neither a node nor a
// value of the model has that name (nor is it the label of a node without one, "Conv -> y", for a value y); a range
// that is not one or that a node is given; an entry that says nothing.
Result<std::vector<Override>> read_overrides(const std::vector<Json>& entries, const Graph& graph);

// `names`: tensors that share parameters, and the nodes that make them. Where several exceptions apply, the highest
// width counts, otherwise the last word.
ActivationScheme activation_scheme(ActivationScheme common, const std::vector<Override>& overrides,
                                   std::span<const std::string> names);
WeightScheme weight_scheme(WeightScheme common, const std::vector<Override>& overrides, std::string_view node,
                           std::string_view weight);
// The range that somebody gave to one of these tensors.
std::optional<Range> given_range(const std::vector<Override>& overrides, std::span<const std::string> names);

// The lowest ai.onnx opset whose QuantizeLinear and DequantizeLinear take a type; per channel: with an axis.
int64_t opset_for(DType type, bool per_channel);

}  // namespace halftone
