// The rewrites of the compiler, one file each under this folder, in stages (rewrites.cc): what every rule
// promises is in its own file under Before / After / Conditions / Formula. All of them keep the meaning of
// the graph; those named fuse_* and fold_* may move float results in the last bits.
#pragma once

#include <span>

#include "core/graph/rewrite.h"

namespace halftone {

extern const RewriteRule kInlineIf;
extern const RewriteRule kComputeInFloat;
extern const RewriteRule kDropIdentity;
extern const RewriteRule kFoldConstants;
extern const RewriteRule kFusePadConv;
extern const RewriteRule kFuseConvBiasAdd;
extern const RewriteRule kFuseConvBatchnorm;
extern const RewriteRule kFuseGemmBatchnorm;
extern const RewriteRule kMatmulAddToGemm;
extern const RewriteRule kFuseActivation;
extern const RewriteRule kShareDequantize;
extern const RewriteRule kCancelDequantizeQuantize;
extern const RewriteRule kDropClipBeforeQuantize;
extern const RewriteRule kShapeOfQuantized;
extern const RewriteRule kLowerQLinear;
extern const RewriteRule kLowerInteger;
extern const RewriteRule kFuseBlockedMatmul;
extern const RewriteRule kChooseSignedness;
extern const RewriteRule kFuseTables;
extern const RewriteRule kFoldCodebook;
extern const RewriteRule kFoldDequantize;
extern const RewriteRule kChannelsLast;
extern const RewriteRule kSinkTranspose;
extern const RewriteRule kCancelTransposes;
extern const RewriteRule kFuseConvAdd;
extern const RewriteRule kFuseChains;

// Rules run stage by stage, each stage to its fixed point.
struct RewriteStage {
  std::span<const RewriteRule* const> rules;
  bool integer = false;  // only when integers are asked for (CompileOptions::integer)
};
std::span<const RewriteStage> rewrite_stages();

}  // namespace halftone
