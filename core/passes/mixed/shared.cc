// Parameters and report pieces.
#include "core/passes/mixed/shared.h"

#include <cstdlib>

#include "core/passes/quantize/quantize_static.h"

namespace halftone {

const ParamSpec kTrialFeeds = {
    .name = "feeds",
    .kind = ParamKind::kInt,
    .label = "Inputs to try on",
    .help = "How many of the calibration inputs the trials run on: more are surer and take longer.",
    .fallback = "8",
    .low = 1,
    .high = 1000};

const ParamSpec kTrialLabels = {
    .name = "labels",
    .kind = ParamKind::kStringList,
    .label = "Classes of the first inputs",
    .help = "The right class of each of the first calibration inputs, as numbers: accuracy is measured too.",
    .fallback = "[]"};

TrialSettings read_trial_settings(const Params& params) {
  TrialSettings settings;
  settings.feeds = params.integer("feeds");
  if (params.json().find("labels") == nullptr) return settings;
  for (const std::string& label : params.list("labels")) settings.labels.push_back(std::atoll(label.c_str()));
  return settings;
}

Result<Params> next_quantizing(const PassContext& context) {
  if (context.quantizing != nullptr) return *context.quantizing;
  const PassDef& pass = quantize_static_pass();
  return Params::parse(pass.name, pass.params, Json::object());
}

Json trial_json(const Trials& trials, const TrialError& error) {
  Json out = Json::Object{{"sqnr", decibels_json(error.noise)}};
  if (trials.has_classes()) {
    out.set("divergence", error.divergence);
    out.set("agreement", error.agreement);
  }
  if (trials.has_labels()) out.set("accuracy", error.accuracy);
  return out;
}

Json quantizing_recipe(const Params& quantizing, const std::vector<Json>& overrides) {
  Json step = Json::Object{{"pass", "quantize_static"}};
  const Params all = quantizing.extended("overrides", overrides);
  for (const Json::Member& member : all.json().as_object()) step.set(member.first, member.second);
  return Json::Array{std::move(step)};
}

Status tell(const ProgressFn& progress, std::string_view stage, int64_t done, int64_t total) {
  if (!progress || progress(stage, done, total)) return ok_status();
  return Error{ErrorCode::kCancelled, "Cancelled", "", ""};
}

}  // namespace halftone
