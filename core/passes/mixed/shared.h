// What the passes that choose for a quantize_static behind them have in common: the parameters of the trials, that
// step's own parameters, and how trials look in a report.
#pragma once

#include <string_view>
#include <vector>

#include "core/passes/mixed/trials.h"
#include "core/passes/pass_def.h"

namespace halftone {

extern const ParamSpec kTrialFeeds;   // "feeds"
extern const ParamSpec kTrialLabels;  // "labels"
// From "feeds" and, where the pass has them, "labels".
TrialSettings read_trial_settings(const Params& params);

// What the next quantize_static will run with: its defaults where the recipe so far has none, because a recipe may be
// run step by step.
Result<Params> next_quantizing(const PassContext& context);

// {sqnr, divergence?, agreement?, accuracy?}
Json trial_json(const Trials& trials, const TrialError& error);
// The quantizing step with these exceptions: the same outcome without the search.
Json quantizing_recipe(const Params& quantizing, const std::vector<Json>& overrides);

// Error: kCancelled.
Status tell(const ProgressFn& progress, std::string_view stage, int64_t done, int64_t total);

}  // namespace halftone
