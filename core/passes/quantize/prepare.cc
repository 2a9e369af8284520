// Local functions, opset, simplification by the compiler's own float rewrites, and what those may leave behind that no
// file can hold.
#include "core/passes/quantize/prepare.h"

#include <algorithm>
#include <array>

#include "core/compile/program.h"
#include "core/compile/resolve_constants.h"
#include "core/graph/edit.h"
#include "core/ops/shape_inference.h"
#include "core/passes/canonicalize/inline_functions.h"
#include "core/passes/canonicalize/raise_opset.h"
#include "core/passes/rewrite_model.h"

namespace halftone {
namespace {

// The compiler's rules whose results are standard ONNX; those that leave internal attributes are not among them.
constexpr std::array<std::string_view, 7> kSimplifications = {
    "drop_identity",       "fold_constants",      "fuse_pad_conv",     "fuse_conv_bias_add",
    "fuse_conv_batchnorm", "fuse_gemm_batchnorm", "matmul_add_to_gemm"};

// What is too old is raised to 13 at least: there every operator that carries 8-bit integers takes them (MaxPool since
// 12).
constexpr int64_t kRaisedOpset = 13;

Result<std::vector<RewriteStats>> simplify(Model& model) {
  std::vector<const RewriteRule*> rules;
  for (const RewriteRule* rule : compile_rewrites()) {
    if (std::find(kSimplifications.begin(), kSimplifications.end(), rule->name) != kSimplifications.end()) {
      rules.push_back(rule);
    }
  }
  return rewrite_model(model, rules);
}

}  // namespace

Result<PreparedModel> prepare_to_quantize(const Model& model, const QuantizeOptions& options,
                                          std::span<const BatchNormOutput> norms) {
  PreparedModel prepared;
  prepared.opset_before = model.opset();
  prepared.model = model;
  if (!model.functions.empty()) {
    HT_ASSIGN(prepared.model, inline_functions(model));
  }
  const int64_t needed = opset_needed(options);
  if (prepared.model.opset() < needed) {
    HT_ASSIGN(prepared.model, raise_opset(prepared.model, std::max(needed, kRaisedOpset)));
  }
  prepared.opset_after = prepared.model.opset();
  // Before IR 4 every initializer is an input too, and a feed could replace weights whose integers we are to fix.
  prepared.model.ir_version = std::max<int64_t>(prepared.model.ir_version, 4);
  prepared.model.graph.initializer_inputs.clear();
  resolve_constants(prepared.model.graph);
  compact(prepared.model.graph);
  HT_TRY(infer_shapes(prepared.model));
  prepared.norms = batch_norm_outputs(prepared.model.graph, norms);
  HT_ASSIGN(prepared.simplified, simplify(prepared.model));
  HT_TRY(infer_shapes(prepared.model));
  return prepared;
}

}  // namespace halftone
