// Looks at channels while calibration runs: the extremes of some values, means and deviations of others. Nothing else
// is kept.
#pragma once

#include <vector>

#include "core/passes/equalize/absorb.h"
#include "core/passes/tap_runner.h"

namespace halftone {

// By channel of one value; both contain 0. Empty: not looked at.
struct Extremes {
  std::vector<float> low, high;
};

class ChannelWatch {
 public:
  // Values of `model` that `map` gives channels. Errors: as TapRunner::create().
  static Result<ChannelWatch> create(const Model& model, const ChannelMap& map, const std::vector<ValueId>& extremes,
                                     const std::vector<ValueId>& moments);
  bool idle() const { return looks_.empty(); }
  // Errors: as TapRunner::run().
  Status observe(const Feeds& feeds);

  // By ValueId.
  const std::vector<Extremes>& extremes() const { return extremes_; }
  std::vector<ChannelMoments> moments() const;

 private:
  struct Look {
    ValueId id = kNoValue;
    int64_t axis = 0, channels = 0;
    bool extremes = false, moments = false;
    double count = 0;  // of numbers in a channel
    std::vector<double> sums, squares;
  };
  void add(Look& look, const View& value, bool channels_last);

  TapRunner runner_;
  std::vector<Look> looks_;
  std::vector<Extremes> extremes_;
};

}  // namespace halftone
