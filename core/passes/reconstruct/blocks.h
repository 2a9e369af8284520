// Pieces of a float graph that follow each other, each a model of its own: what is learnt by looking at blocks instead
// of layers or the whole model. A block ends where a single value goes on, as behind a residual sum, once it has layers
// enough; where branches run in parallel for long, it ends with several.
// Source: Li et al. 2021, "BRECQ", section 3.2 (blocks as the unit of reconstruction).
#pragma once

#include <vector>

#include "core/passes/quantize/plan.h"

namespace halftone {

struct Block {
  std::vector<size_t> nodes;             // in order
  std::vector<ValueId> inputs, outputs;  // no constants; outputs: read behind the block, or the model's
  int64_t layers = 0;                    // nodes with a weight among them
};

// `graph`'s nodes are in order. layers: how many a block has at least, the last one excepted (at least one,
// where there is any). No Relu or Clip is cut
// from the node that it is attached to.
std::vector<Block> cut_into_blocks(const Graph& graph, const QuantPlan& plan, int64_t layers);

// The block alone. Values keep their ids: compact() is left to the caller.
Model block_model(const Model& model, const Block& block);
// The plan of that model.
QuantPlan block_plan(const QuantPlan& plan, const Block& block);

}  // namespace halftone
