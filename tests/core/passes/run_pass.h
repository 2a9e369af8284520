// Runs one pass as a recipe drives it, and models before and after.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/compile/program.h"
#include "core/graph/edit.h"
#include "core/ops/shape_inference.h"
#include "core/passes/pass_def.h"
#include "core/runtime/executor.h"
#include "core/stats/distortion.h"
#include "tests/core/passes/build.h"

namespace halftone::testing {

// `keys`: the pass's parameters as JSON members.
inline Result<PassOutcome> run_pass(const PassDef& pass, const Model& model, const std::string& keys,
                                    const std::vector<Feeds>& feeds = {}, const PassContext& context = {}) {
  HT_ASSIGN(const Json json, Json::parse("{" + keys + "}"));
  HT_ASSIGN(const Params params, Params::parse(pass.name, pass.params, json));
  HT_ASSIGN(const std::unique_ptr<PassRun> run, pass.begin(model, params, context));
  for (int sweep = 0; sweep < run->sweeps(); ++sweep) {
    for (const Feeds& one : feeds) HT_TRY(run->observe(sweep, one));
    HT_TRY(run->end_sweep(sweep));
  }
  HT_ASSIGN(PassOutcome outcome, run->finish({}));
  HT_TRY(verify(outcome.model.graph, ErrorCode::kInternal));
  HT_TRY(infer_shapes(outcome.model));
  return outcome;
}

// For a model whose input is x.
inline std::vector<Feeds> random_feeds(const Dims& dims, int count, float low = -1, float high = 1) {
  std::vector<Feeds> feeds;
  for (int i = 0; i < count; ++i)
    feeds.push_back({{"x", random_tensor(dims, 100 + static_cast<uint64_t>(i), low, high)}});
  return feeds;
}

// The model's first output.
inline Tensor run_model(const Model& model, const Feeds& feeds) {
  auto program = compile(model);
  EXPECT_TRUE(program.ok()) << (program.ok() ? "" : program.error().message);
  if (!program.ok()) return {};
  auto result = Executor(*program).run(feeds);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return result.ok() ? result->outputs[0].second : Tensor();
}

inline double output_sqnr(const Model& before, const Model& after, const std::vector<Feeds>& feeds) {
  std::vector<float> a, b;
  for (const Feeds& one : feeds) {
    const Tensor x = run_model(before, one), y = run_model(after, one);
    a.insert(a.end(), x.data<float>().begin(), x.data<float>().end());
    b.insert(b.end(), y.data<float>().begin(), y.data<float>().end());
  }
  return distortion(a, b).sqnr_db;
}

// The report's entry of a weight or node by name; null where there is none.
inline Json entry_of(const PassOutcome& outcome, std::string_view list, std::string_view name) {
  for (const Json& entry : outcome.report.find(list)->as_array()) {
    if (entry.find("name")->as_string() == name) return entry;
  }
  return {};
}

inline std::string first_warning(const PassOutcome& outcome) {
  const auto& list = outcome.report.find("warnings")->as_array();
  return list.empty() ? "" : list[0].find("message")->as_string();
}

}  // namespace halftone::testing
