// Checks what a caller feeds against what the graph declares.
#pragma once

#include "core/graph/graph.h"
#include "core/runtime/executor.h"

namespace halftone {

// Every graph input is fed, with its type, rank and dims (a symbolic dim takes any number, the same one in all
// inputs), and nothing else is. Errors: kInvalidInput, where = the input's name.
Status check_feeds(const Graph& graph, const Feeds& feeds);

}  // namespace halftone
