// Calibration: runs the float model on feeds and shows each planned tensor to an observer. Values are looked at and
// dropped, so memory does not grow with the number of feeds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/passes/quantize/plan.h"
#include "core/runtime/executor.h"
#include "core/stats/observer.h"

namespace halftone {

struct MeasuredGroup {
  Range range;         // contains 0
  uint64_t count = 0;  // values seen
};

struct NonFinite {
  std::string tensor;
  uint64_t count = 0;
};

class Calibrator {
 public:
  // Compiles the float program. Errors: as compile(); kInvalidRecipe for an unknown observer.
  static Result<Calibrator> create(const Model& model, const QuantPlan& plan, std::string_view observer);

  // Errors: as Executor::run() (kInvalidInput, where = the input's name).
  Status observe(const Feeds& feeds);

  // One per group of the plan.
  std::vector<MeasuredGroup> measured() const;
  // Tensors that held NaN or infinity, in order of the plan.
  std::vector<NonFinite> non_finite() const;

 private:
  enum class Source : uint8_t { kFeed, kOutput, kTap };
  struct Watch {
    std::string name;
    size_t group;
    Source source;
    uint64_t non_finite = 0;
  };

  Status show(Watch& watch, const Tensor& tensor);

  std::unique_ptr<Executor> executor_;
  RunOptions run_options_;
  std::vector<Watch> watches_;
  std::vector<std::unique_ptr<Observer>> observers_;  // by group
  std::vector<std::optional<Range>> fixed_;           // by group
};

}  // namespace halftone
