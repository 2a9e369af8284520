// The steps of dequantization as rewrite rules, one file each: what each one does is in its own file.
#pragma once

#include "core/graph/rewrite.h"

namespace halftone {

extern const RewriteRule kSpellOutProducts;   // products.cc
extern const RewriteRule kDequantizeWeights;  // weights.cc
extern const RewriteRule kLiftDequantize;     // activations.cc
extern const RewriteRule kDropRounding;       // activations.cc
extern const RewriteRule kDropDynamic;        // dynamic.cc

}  // namespace halftone
