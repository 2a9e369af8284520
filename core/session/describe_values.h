// The two halves of describe_io: inputs and outputs, and the facts about the whole model that each wants to know.
#pragma once

#include <string>

#include "core/base/json.h"
#include "core/session/io_walk.h"

namespace halftone {

struct ImageFacts {
  std::string_view layout;
  int64_t channels;
  Dim width, height, batch;
};

struct ModelFacts {
  std::string producer;
  int64_t classes = 0;  // of the only output, where it is a list of scores
  bool has_boxes = false, has_image_output = false;
  bool image_input = false, token_input = false;
};

// Classes of an output that is a list of scores for each item of a batch; 0 for anything else.
int64_t class_count(const SymShape& shape);

// What a network hands to its own next run: by name, or by sizes that come in and go out beside the first of each.
bool names_state(std::string_view name);
bool is_carried_on(const Graph& graph, const std::vector<ValueId>& own, const std::vector<ValueId>& other, ValueId id);

inline bool is_free_or(const Dim& dim, int64_t least) { return !dim.known() || dim.value >= least; }

Json describe_input(const IoWalk& walk, const Graph& graph, ValueId id, const ModelFacts& facts);
Json describe_output(const IoWalk& walk, const Graph& graph, ValueId id, const ModelFacts& facts);

}  // namespace halftone
