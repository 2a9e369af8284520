// What this build can do, read from the registries: operators, passes with their parameters, and the variant.
#include <string>
#include <utility>

#include "core/base/parallel.h"
#include "core/kernels/dot/dot_probe.h"
#include "core/ops/op_def.h"
#include "core/recipe/presets.h"
#include "core/session/session.h"

namespace halftone {
namespace {

#if defined(__wasm_relaxed_simd__)
constexpr std::string_view kVariant = "relaxed";
#elif defined(__wasm_simd128__)
constexpr std::string_view kVariant = "simd";
#else
constexpr std::string_view kVariant = "native";
#endif

std::string_view quant_name(QuantKind kind) {
  switch (kind) {
    case QuantKind::kNone:
      return "none";
    case QuantKind::kWeighted:
      return "weighted";
    case QuantKind::kElementwise:
      return "elementwise";
    case QuantKind::kPassThrough:
      return "passThrough";
    case QuantKind::kFixedOutput:
      return "fixedOutput";
  }
  return "none";
}

std::string_view kind_name(ParamKind kind) {
  switch (kind) {
    case ParamKind::kBool:
      return "bool";
    case ParamKind::kInt:
      return "int";
    case ParamKind::kFloat:
      return "float";
    case ParamKind::kChoice:
      return "choice";
    case ParamKind::kString:
      return "string";
    case ParamKind::kStringList:
      return "stringList";
    case ParamKind::kObjectList:
      return "objectList";
  }
  return "bool";
}

Json params_json(std::span<const ParamSpec> specs);

Json param_json(const ParamSpec& spec) {
  Json out =
      Json::Object{{"name", spec.name}, {"kind", kind_name(spec.kind)}, {"label", spec.label}, {"help", spec.help}};
  if (!spec.fallback.empty()) {
    auto fallback = Json::parse(spec.fallback);
    HT_CHECK(fallback.ok());  // the registry's own text
    out.set("default", *std::move(fallback));
  }
  if (spec.kind == ParamKind::kInt || spec.kind == ParamKind::kFloat) {
    out.set("low", spec.low);
    out.set("high", spec.high);
  }
  if (spec.kind == ParamKind::kChoice) {
    Json choices = Json::array();
    for (std::string_view choice : spec.choices) choices.push(choice);
    out.set("choices", std::move(choices));
  }
  if (!spec.list_of.empty()) out.set("listOf", spec.list_of);
  if (spec.kind == ParamKind::kObjectList) out.set("fields", params_json(spec.fields));
  if (spec.required) out.set("required", true);
  return out;
}

Json params_json(std::span<const ParamSpec> specs) {
  Json params = Json::array();
  for (const ParamSpec& spec : specs) params.push(param_json(spec));
  return params;
}

Json pass_json(const PassDef& pass) {
  Json needs = Json::Object{{"calibration", pass.needs.calibration}};
  if (!pass.needs.unless_param.empty()) {
    needs.set("unless", Json::Object{{"param", pass.needs.unless_param}, {"choice", pass.needs.unless_choice}});
  }
  if (!pass.needs.only_param.empty()) {
    needs.set("only", Json::Object{{"param", pass.needs.only_param}, {"choice", pass.needs.only_choice}});
  }
  return Json::Object{{"name", pass.name},
                      {"summary", pass.summary},
                      {"needs", std::move(needs)},
                      {"params", params_json(pass.params)}};
}

Json preset_json(const Preset& preset) {
  auto recipe = Json::parse(preset.recipe);
  HT_CHECK(recipe.ok());  // the table's own text
  return Json::Object{
      {"name", preset.name}, {"label", preset.label}, {"summary", preset.summary}, {"recipe", *std::move(recipe)}};
}

}  // namespace

Json capabilities() {
  Json ops = Json::array(), passes = Json::array(), recipes = Json::array();
  for (std::span<const OpDef> family : all_ops()) {
    for (const OpDef& op : family) {
      if (op.run == nullptr) continue;
      ops.push(Json::Object{{"name", op.name},
                            {"domain", op.domain},
                            {"since", op.since},
                            {"int8", op.run_int8 != nullptr},
                            {"quant", quant_name(op.quant.kind)}});
    }
  }
  for (const PassDef* pass : all_passes()) passes.push(pass_json(*pass));
  for (const Preset& preset : presets()) recipes.push(preset_json(preset));
  return Json::Object{{"variant", kVariant},
                      {"threads", thread_count()},
                      {"dot", dot_kind_name(dot_kind())},
                      {"ops", std::move(ops)},
                      {"passes", std::move(passes)},
                      {"presets", std::move(recipes)},
                      {"formats", Json::Array{"qdq", "qoperator"}}};
}

}  // namespace halftone
