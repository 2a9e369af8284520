// What a model wants to be fed and what it gives, as far as its graph says so: data for whoever has to turn a picture,
// a sound or a text into tensors and back. Everything here is a guess with a reason; a person may know better.
#pragma once

#include "core/base/json.h"
#include "core/graph/graph.h"

namespace halftone {

// ModelIo: {inputs: [{name, kind, reason, layout, channels, width, height, batch, length, normalizations: [{id,
// confidence, reason}]}], outputs: [{name, kind, reason, classes, scores}]}. Keys that do not apply to the kind are
// left out; a size is null where it is free. Shapes must be inferred.
//   kind of an input:  image, tokens, audio, vector, state, unknown
//   kind of an output: classes, boxes, box_scores, image, sequence, embedding, state, unknown
//   id of a normalization: raw (0 to 255), unit (0 to 1), signed (-1 to 1), imagenet, caffe, cifar, ultralight
Json describe_io(const Model& model);

}  // namespace halftone
