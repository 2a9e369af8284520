// Runs one block of a model, in float and with ranges that are being tried, on inputs that were kept.
#pragma once

#include <map>
#include <vector>

#include "core/passes/quantize/options.h"
#include "core/passes/reconstruct/blocks.h"
#include "core/runtime/executor.h"

namespace halftone {

// By value, for each input of the calibration.
using KeptValues = std::map<ValueId, std::vector<Tensor>>;

class BlockTrials {
 public:
  // reference, quantized: the block's inputs as the float model has them, and as the quantized blocks before make them.
  // All but `block` must outlive this. Errors: as compile() and Executor::run().
  static Result<BlockTrials> create(const Model& model, const Block& block, const KeptValues& reference,
                                    const KeptValues& quantized);

  struct Answer {
    double noise = 0;  // sum of squared errors over energy, added over the block's float outputs
    KeptValues outputs;
  };
  // plan: of the whole model, every group with a range given. Errors: as insert_quantization(), compile(), run().
  Result<Answer> run(const QuantPlan& plan, const QuantizeOptions& options) const;
  // The block's outputs as the float model has them.
  KeptValues& target() { return target_; }

 private:
  Result<KeptValues> outputs_of(const Model& part, bool integer, const KeptValues& inputs) const;

  const Model* model_ = nullptr;
  Block block_;
  const KeptValues* quantized_ = nullptr;
  KeptValues target_;
};

}  // namespace halftone
