// Every rewrite alone on small graphs: what becomes of the operators, and that the numbers stay. The graphs are in
// tests/core/compile/rewrites; a rewrite without a case there fails Rewrites.EveryRuleIsTested.
#include <set>

#include "tests/core/compile/rewrites/case.h"

namespace halftone::testing {
namespace {

std::vector<RewriteCase> all_cases() {
  std::vector<RewriteCase> all;
  for (auto&& part : {identity_cases(), type_cases(), fold_cases(), pad_cases(), batchnorm_cases(), bias_cases(),
                      activation_cases(), quantized_cases(), blocked_cases(), layout_cases(), chain_cases()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

class Rewrite : public ::testing::TestWithParam<RewriteCase> {};

TEST_P(Rewrite, ChangesOperatorsAndKeepsNumbers) {
  const RewriteCase& c = GetParam();
  const auto before = compiled(c.model, only("")), after = compiled(c.model, only(c.rule));
  ASSERT_TRUE(before && after);
  EXPECT_EQ(ops(*before), c.before);
  EXPECT_EQ(ops(*after), c.after) << print(after->graph);
  for (uint64_t seed : {1, 2}) {
    const Feeds feeds = random_feeds(c.model, seed);
    expect_same_outputs(ran(c.model, feeds, only(c.rule)), ran(c.model, feeds, only("")), c.tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, Rewrite, ::testing::ValuesIn(all_cases()),
                         [](const auto& info) { return info.param.rule + "_" + info.param.name; });

TEST(Rewrites, EveryRuleIsTested) {
  std::set<std::string> tested = {"lower_integer", "choose_signedness", "fuse_conv_add",
                                  "inline_if",     "lower_qlinear",     "fuse_tables"};  // tests of their own
  for (const RewriteCase& c : all_cases()) tested.insert(c.rule);
  for (const RewriteRule* rule : compile_rewrites()) EXPECT_TRUE(tested.count(std::string(rule->name))) << rule->name;
}

TEST(Rewrites, NamesAreUniqueAndFound) {
  std::set<std::string_view> names;
  for (const RewriteRule* rule : compile_rewrites()) {
    EXPECT_TRUE(names.insert(rule->name).second) << rule->name;
    EXPECT_FALSE(rule->summary.empty()) << rule->name;
    EXPECT_EQ(find_rewrite(rule->name), rule);
  }
  EXPECT_EQ(find_rewrite("no_such_rule"), nullptr);
}

TEST(Rewrites, ApplicationsAreCounted) {
  const auto program = compiled(conv().node("Conv", {"x", "w"}, {"c"}).node("Relu", {"c"}, {"y"}).output("y"));
  int64_t fused = -1;
  for (const RewriteStats& s : program->rewrites) {
    if (s.rule == "fuse_activation") fused = s.applications;
  }
  EXPECT_EQ(fused, 1);
}

}  // namespace
}  // namespace halftone::testing
