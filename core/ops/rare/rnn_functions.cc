// The functions of a recurrent cell's gates by name, with ONNX's defaults for their constants.
#include <algorithm>
#include <string>

#include "core/ops/infer_util.h"
#include "core/ops/rare/rnn_direction.h"

namespace halftone {
namespace {

struct NamedFunction {
  std::string_view name;
  bool has_function;
  Unary function;
  float alpha, beta;
};
constexpr NamedFunction kFunctions[] = {
    {"affine", false, {}, 1, 0},
    {"elu", true, Unary::kElu, 1, 0},
    {"hardsigmoid", true, Unary::kHardSigmoid, 0.2f, 0.5f},
    {"leakyrelu", true, Unary::kLeakyRelu, 0.01f, 0},
    {"relu", true, Unary::kRelu, 0, 0},
    {"scaledtanh", true, Unary::kTanh, 1, 1},
    {"sigmoid", true, Unary::kSigmoid, 0, 0},
    {"softplus", true, Unary::kSoftplus, 0, 0},
    {"softsign", true, Unary::kSoftsign, 0, 0},
    {"tanh", true, Unary::kTanh, 0, 0},
    {"thresholdedrelu", true, Unary::kThresholdedRelu, 1, 0},
};

}  // namespace

Result<std::vector<CellFunction>> cell_functions(const Node& node, int64_t directions,
                                                 std::span<const std::string_view> defaults) {
  std::vector<std::string> names;
  if (const auto it = node.attributes.find("activations"); it != node.attributes.end()) {
    if (const auto* list = std::get_if<std::vector<std::string>>(&it->second.value)) names = *list;
  }
  const size_t count = defaults.size() * static_cast<size_t>(directions);
  if (names.empty()) {
    for (size_t i = 0; i < count; ++i) names.emplace_back(defaults[i % defaults.size()]);
  }
  if (names.size() != count) {
    return invalid_model("activations lists " + std::to_string(names.size()) + " functions, expected " +
                         std::to_string(count));
  }
  const auto alphas = node.floats_attr("activation_alpha"), betas = node.floats_attr("activation_beta");
  size_t alpha_at = 0, beta_at = 0;
  std::vector<CellFunction> functions;
  for (std::string& name : names) {
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    const auto known =
        std::find_if(std::begin(kFunctions), std::end(kFunctions), [&](const auto& f) { return f.name == name; });
    if (known == std::end(kFunctions)) return unsupported("activation " + name);
    const bool takes_alpha = known->alpha != 0, takes_beta = known->beta != 0 || name == "affine";
    const float alpha = takes_alpha && alpha_at < alphas.size() ? alphas[alpha_at++] : known->alpha;
    const float beta = takes_beta && beta_at < betas.size() ? betas[beta_at++] : known->beta;
    CellFunction f;
    f.f = known->has_function ? unary_row(known->function, DType::kFloat) : nullptr;
    f.params = {alpha, beta};
    if (name == "affine") f.gain = alpha, f.shift = beta;
    if (name == "scaledtanh") f.gain = alpha, f.slope = beta;
    // LSTM's third function sees the cell's state, which runtimes do not clip.
    f.clip = functions.size() % defaults.size() == 2 ? 0 : node.float_attr("clip", 0);
    functions.push_back(f);
  }
  return functions;
}

}  // namespace halftone
