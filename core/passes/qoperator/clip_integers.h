// Relu and Clip that a quantization's range does not make redundant, on the integers.
#pragma once

#include "core/graph/rewrite.h"

namespace halftone {

extern const RewriteRule kClipIntegers;

}  // namespace halftone
