// Training forms as inference: what a file that was exported in training mode means once training is over.
// Before: Dropout(x, ratio, training_mode), BatchNormalization {training_mode = 1}. After: Dropout(x, ratio), which
// passes x on; BatchNormalization with its stored statistics.
// Conditions: nobody reads the statistics that BatchNormalization would update. Subgraphs too.
#pragma once

#include "core/graph/graph.h"

namespace halftone {

void drop_training(Model& model);

}  // namespace halftone
