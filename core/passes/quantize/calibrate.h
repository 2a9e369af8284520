// Calibration: runs the float model on feeds and keeps an observation of each planned tensor. Values are looked at and
// dropped, so memory does not grow with the number of feeds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/passes/quantize/plan.h"
#include "core/runtime/executor.h"
#include "core/stats/observation.h"

namespace halftone {

struct SeenTensor {
  std::string name;
  size_t group = 0;
  Observation seen;
};

class Calibrator {
 public:
  // Compiles the float program. Errors: as compile().
  static Result<Calibrator> create(const Model& model, const QuantPlan& plan);

  // Errors: as Executor::run() (kInvalidInput, where = the input's name).
  Status observe(const Feeds& feeds);

  // The observed tensors of the plan's groups, in order.
  const std::vector<SeenTensor>& tensors() const { return tensors_; }

 private:
  std::unique_ptr<Executor> executor_;
  std::vector<SeenTensor> tensors_;
  std::vector<std::string> taps_;  // their names
};

}  // namespace halftone
