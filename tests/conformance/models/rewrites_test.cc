// Every rewrite on whole models: switched off, the outputs stay what they are with all rewrites on. Rewrites of
// float arithmetic may move the last bits; those that only move integers and Q/DQ nodes may move nothing.
#include <set>

#include "tests/conformance/models/shared_models.h"

namespace halftone::testing {
namespace {

// Rewrites that change how float sums are formed, and what these need to apply.
const std::set<std::string_view> kRounding = {"fuse_conv_batchnorm", "fuse_gemm_batchnorm", "fuse_conv_bias_add",
                                              "matmul_add_to_gemm",  "fuse_pad_conv",       "fold_constants",
                                              "fuse_blocked_matmul"};
// The same, but only of float arithmetic: channels-last pools add in another order, and sums that are added to a
// convolution need its layout. Integers stay what they are.
const std::set<std::string_view> kFloatRounding = {"channels_last", "sink_transpose", "fuse_conv_add"};
// Without these an operator of a quantized model runs in float, and near-ties round the other way. What that
// does to the outputs is quantization noise, not an error; integer_steps_test.cc bounds each step.
const std::set<std::string_view> kLowering = {"lower_integer", "fuse_activation", "drop_clip_before_quantize"};
constexpr double kQuantizationNoiseDb = 10;

class RewritesOfModels : public ::testing::TestWithParam<SharedModel> {};

TEST_P(RewritesOfModels, OnAndOffAgree) {
  if (shared_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder with the models.";
  auto model = load_shared(GetParam());
  ASSERT_TRUE(model.ok()) << text(model.error());
  const Feeds feeds = random_feeds(*model, 5, GetParam().low, GetParam().high);
  const auto program = compiled(*model);
  const RunResult all_on = ran(*model, feeds);
  for (const RewriteStats& stats : program->rewrites) {
    if (stats.applications == 0) continue;
    SCOPED_TRACE(stats.rule);
    CompileOptions options;
    options.disabled = {std::string(stats.rule)};
    const RunResult off = ran(*model, feeds, options);
    if (GetParam().quantized && kLowering.count(stats.rule)) {
      EXPECT_GE(sqnr_db(off, all_on), kQuantizationNoiseDb);
    } else {
      const bool rounds = kRounding.count(stats.rule) || (!GetParam().quantized && kFloatRounding.count(stats.rule));
      expect_same_outputs(off, all_on, rounds ? 1e-4f : 0.0f);
    }
  }
}

TEST_P(RewritesOfModels, NoneAtAllAgrees) {
  if (shared_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder with the models.";
  auto model = load_shared(GetParam());
  ASSERT_TRUE(model.ok()) << text(model.error());
  const Feeds feeds = random_feeds(*model, 6, GetParam().low, GetParam().high);
  const RunResult none = ran(*model, feeds, only("")), all = ran(*model, feeds);
  if (GetParam().quantized) {
    EXPECT_GE(sqnr_db(none, all), kQuantizationNoiseDb);
  } else {
    expect_same_outputs(all, none, 1e-4f);
  }
}

INSTANTIATE_TEST_SUITE_P(Shared, RewritesOfModels, ::testing::ValuesIn(kSharedModels),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace halftone::testing
