// The table of rewrites: which rules there are and in which stage they run. A rule not listed here does not
// exist; the order within a stage is only a matter of how many sweeps it takes.
#include <algorithm>
#include <array>

#include "core/compile/program.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

// Before the others, which know one graph and float32 only. Branches first: their values may have no type before
// shapes are inferred again, as they are between stages.
constexpr const RewriteRule* kGraphRules[] = {&kFoldConstants, &kInlineIf};
constexpr const RewriteRule* kTypeRules[] = {&kFoldConstants, &kComputeInFloat};

// Float graph to smaller float graph. Dequantized weights stay as they are: the next stage wants their integers.
constexpr const RewriteRule* kFloatRules[] = {
    &kDropIdentity,      &kFoldCodebook,      &kFoldConstants,   &kFusePadConv,    &kFuseConvBiasAdd,
    &kFuseConvBatchnorm, &kFuseGemmBatchnorm, &kMatmulAddToGemm, &kFuseActivation,
};

// DequantizeLinear -> op -> QuantizeLinear becomes op on integers, and so do operators that quantize by themselves.
constexpr const RewriteRule* kIntegerRules[] = {
    &kShareDequantize, &kCancelDequantizeQuantize, &kDropClipBeforeQuantize, &kShapeOfQuantized, &kLowerQLinear,
    &kLowerInteger,
};

// What stayed float gets its weights dequantized once (but for products with few bits), and with them constant the
// float rules see more.
constexpr const RewriteRule* kRestRules[] = {
    &kFuseBlockedMatmul, &kFoldDequantize,    &kDropIdentity,      &kFoldConstants,   &kFusePadConv,
    &kFuseConvBiasAdd,   &kFuseConvBatchnorm, &kFuseGemmBatchnorm, &kMatmulAddToGemm, &kFuseActivation,
};

// Once nothing else is going to change: which integers suit the machine, and channels innermost around convolutions.
constexpr const RewriteRule* kMachineRules[] = {&kChooseSignedness};
constexpr const RewriteRule* kTableRules[] = {&kFuseTables};
constexpr const RewriteRule* kLayoutRules[] = {&kChannelsLast, &kSinkTranspose, &kCancelTransposes};
constexpr const RewriteRule* kSumRules[] = {&kFuseConvAdd};
constexpr const RewriteRule* kChainRules[] = {&kFuseChains};

constexpr RewriteStage kStages[] = {{kGraphRules}, {kTypeRules},          {kFloatRules},       {kIntegerRules, true},
                                    {kRestRules},  {kMachineRules, true}, {kTableRules, true}, {kLayoutRules},
                                    {kSumRules},   {kChainRules}};

}  // namespace

std::span<const RewriteStage> rewrite_stages() { return kStages; }

std::vector<const RewriteRule*> compile_rewrites() {
  std::vector<const RewriteRule*> all;
  for (const RewriteStage& stage : kStages) {
    for (const RewriteRule* rule : stage.rules) {
      if (std::find(all.begin(), all.end(), rule) == all.end()) all.push_back(rule);
    }
  }
  return all;
}

const RewriteRule* find_rewrite(std::string_view name) {
  for (const RewriteRule* rule : compile_rewrites()) {
    if (rule->name == name) return rule;
  }
  return nullptr;
}

}  // namespace halftone
