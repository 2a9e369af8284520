// Trials of a quantized model before there is one: what quantizing a single layer, or all of them in some way, does to
// the model's outputs. Ranges come from one look at all calibration data; trials run on its first inputs only, which
// bounds both time and memory.
// Formula: noise = mean over outputs and inputs of sum (r - x)^2 / sum r^2 (SQNR = -10 log10); divergence = KL(r || x)
// of the first output's softmax, in nats; agreement: how often both have the same best class. Leaves to others: which
// layers get which widths (allocation.h), what is reported (fall_back.cc, allocate_bits.cc).
#pragma once

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/passes/quantize/calibrate.h"
#include "core/passes/quantize/options.h"
#include "core/passes/quantize/prepare.h"

namespace halftone {

struct TrialError {
  double noise = 0;
  double divergence = 0, agreement = 0;  // where the first output is scores of classes
  double accuracy = 0;                   // where there are labels
  int64_t bytes = 0;                     // of all weights, where a whole model was tried
};

// A node that is to compute on integers.
struct TrialLayer {
  std::string label, op;
  size_t node = 0;       // in the prepared model
  int64_t elements = 0;  // of its constant weight; 0: it has none
  int64_t macs = 0;
  int bits = 8;  // of its weight, as the recipe has it
};

struct TrialSettings {
  int64_t feeds = 8;
  std::vector<int64_t> labels;  // of the first inputs' items; may be shorter
};

class Trials {
 public:
  // quantizing: parameters of the quantize_static that will follow. Errors: as that pass's.
  static Result<Trials> create(const Model& model, const Params& quantizing, TrialSettings settings);
  Status observe(const Feeds& feeds);
  // After the data: decides about ranges and runs the float model.
  Status start();

  const std::vector<TrialLayer>& layers() const { return layers_; }
  bool has_classes() const { return classes_ > 1; }
  bool has_labels() const { return has_classes() && !settings_.labels.empty(); }
  int64_t feeds() const { return static_cast<int64_t>(feeds_.size()); }
  double float_accuracy() const { return float_accuracy_; }

  // Weights, inputs and outputs of one layer as integers; everything else in float.
  Result<TrialError> alone(const TrialLayer& layer) const;
  // One layer's weight in so many bits; everything else in float.
  Result<TrialError> weight_alone(const TrialLayer& layer, int bits) const;
  // Squared error of that weight, as a share of its own energy.
  Result<double> weight_error(const TrialLayer& layer, int bits) const;
  // The whole model quantized, with more exceptions than the recipe has.
  Result<TrialError> all(const std::vector<Json>& overrides) const;
  // Bytes of a weight, as a file holds it.
  int64_t stored_bytes(const TrialLayer& layer, int bits) const;

 private:
  using Answer = std::vector<std::vector<float>>;  // by output

  Result<TrialError> quantized(const PreparedModel& prepared, const QuantizeOptions& options) const;
  Result<Tensor> coded_weight(const TrialLayer& layer, int bits) const;
  Result<std::vector<Answer>> run(const Model& model, bool integer, int64_t* classes = nullptr) const;
  Result<TrialError> judge(const Model& model, bool integer) const;
  double accuracy(const std::vector<Answer>& answers) const;

  Model model_;
  Params quantizing_;
  TrialSettings settings_;
  QuantizeOptions options_;
  PreparedModel prepared_;
  QuantPlan plan_;
  std::optional<Calibrator> calibrator_;
  std::vector<TrialLayer> layers_;
  std::vector<Feeds> feeds_;
  std::map<std::string, Range, std::less<>> ranges_;  // by value
  std::vector<Answer> reference_;
  int64_t classes_ = 0;
  double float_accuracy_ = 0;
};

inline double decibels(double noise) { return noise > 0 ? -10 * std::log10(noise) : INFINITY; }
// Rounded to hundredths; null where infinite.
Json decibels_json(double noise);

}  // namespace halftone
