// Channels innermost: the cases of the rules that move transposes, and regions of several nodes.
#include <algorithm>

#include "tests/core/compile/rewrites/case.h"

namespace halftone::testing {
namespace {

const std::vector<int64_t> kToFirst{0, 3, 1, 2}, kToLast{0, 2, 3, 1};

}  // namespace

std::vector<RewriteCase> layout_cases() {
  const auto last = [] {
    return Make().input("x", {Dim("n"), 5, 6, 4}).node("Transpose", {"x"}, {"t"}, attr("perm", kToFirst));
  };
  const Attributes window = attr("kernel_shape", std::vector<int64_t>{2, 2});
  const std::string region = "channels_last", sink = "sink_transpose", cancel = "cancel_transposes";
  return {
      {"Conv", region, conv().node("Conv", {"x", "w"}, {"y"}).output("y"), "Conv", "Transpose Conv Transpose"},
      {"PoolBehindTranspose", region, last().node("MaxPool", {"t"}, {"y"}, window).output("y"), "Transpose MaxPool",
       "MaxPool Transpose"},
      {"PoolAloneStays", region, Make().input("x", {1, 3, 5, 6}).node("MaxPool", {"x"}, {"y"}, window).output("y"),
       "MaxPool", "MaxPool"},
      {"Unary", sink, last().node("Relu", {"t"}, {"y"}).output("y"), "Transpose Relu", "Relu Transpose"},
      {"TransposedTwice", sink, last().node("Mul", {"t", "t"}, {"y"}).output("y"), "Transpose Mul", "Mul Transpose"},
      {"ConstantPerChannel", sink, last().floats("c", {4, 1, 1}).node("Add", {"t", "c"}, {"y"}).output("y"),
       "Transpose Add", "Add Transpose"},
      {"ConstantAlongColumns", sink, last().floats("c", {6}).node("Sub", {"c", "t"}, {"y"}).output("y"),
       "Transpose Sub", "Sub Transpose"},
      {"OtherOperandIsTransposed", sink,
       last().input("z", {Dim("n"), 4, 5, 6}).node("Add", {"t", "z"}, {"y"}).output("y"), "Transpose Add",
       "Transpose Add Transpose"},
      {"OperandOfLowerRankStays", sink, last().input("z", {5, 6}).node("Add", {"t", "z"}, {"y"}).output("y"),
       "Transpose Add", "Transpose Add"},
      {"Concat", sink, last().node("Concat", {"t", "t"}, {"y"}, attr("axis", int64_t{-3})).output("y"),
       "Transpose Concat", "Concat Transpose"},
      {"AlsoAnOutput", sink, last().node("Relu", {"t"}, {"y"}).output("y").output("t"), "Transpose Relu",
       "Transpose Relu Transpose"},
      {"Inverse", cancel,
       last().node("Transpose", {"t"}, {"u"}, attr("perm", kToLast)).node("Relu", {"u"}, {"y"}).output("y"),
       "Transpose Transpose Relu", "Relu"},
      {"InputThatIsAnOutputKeepsItsOwnValue", cancel,
       last().node("Transpose", {"t"}, {"y"}, attr("perm", kToLast)).output("y"), "Transpose Transpose",
       "Transpose Transpose"},
      {"Composed", cancel, last().node("Transpose", {"t"}, {"y"}, attr("perm", kToFirst)).output("y"),
       "Transpose Transpose", "Transpose"},
  };
}

// A model's own transpose of integers knows nothing of what they mean; the convolution behind it does.
TEST(Layout, IntegersBehindAPlainTransposeKeepTheirMeaning) {
  const Model model = Make()
                          .input("x", {1, 6, 6, 3})
                          .constant("s", Tensor::scalar<float>(0.01f))
                          .constant("z", Tensor::scalar<uint8_t>(128))
                          .node("QuantizeLinear", {"x", "s", "z"}, {"q"})
                          .node("Transpose", {"q"}, {"t"}, attr("perm", kToFirst))
                          .node("DequantizeLinear", {"t", "s", "z"}, {"d"})
                          .int8_weight("w", {4, 3, 3, 3}, 0.002f)
                          .node("Conv", {"d", "w_d"}, {"y"})
                          .quantize<uint8_t>("y", 0.02f, 120)
                          .output("y_d");
  EXPECT_EQ(ops(*compiled(model)), "QuantizeLinear Conv* DequantizeLinear Transpose");
  const Feeds feeds = random_feeds(model, 2);
  expect_same_outputs(ran(model, feeds), ran(model, feeds, channels_first()), 0.0f);
}

// Only the layout and the fusion of sums that follows it.
TEST(Layout, ConvolutionsStartFromWhatIsAdded) {
  CompileOptions options = only("");
  for (const char* rule :
       {"channels_last", "sink_transpose", "cancel_transposes", "fuse_conv_add", "fuse_activation"}) {
    options.disabled.erase(std::find(options.disabled.begin(), options.disabled.end(), rule));
  }
  const Make sum =
      conv().floats("v", {4, 3, 3, 3}).node("Conv", {"x", "w", "b"}, {"c"}).node("Conv", {"x", "v"}, {"d"});
  const Model clamped = Make(sum).node("Add", {"d", "c"}, {"s"}).node("Relu", {"s"}, {"y"}).output("y");
  EXPECT_EQ(ops(*compiled(clamped, options)), "Transpose Conv Conv Transpose");
  const Model read_twice = Make(sum).node("Add", {"c", "d"}, {"y"}).output("y").output("d");
  EXPECT_EQ(ops(*compiled(read_twice, options)), "Transpose Conv Transpose Conv Transpose");
  const Model broadcast =
      conv().floats("k", {4, 1, 1}).node("Conv", {"x", "w"}, {"c"}).node("Add", {"c", "k"}, {"y"}).output("y");
  EXPECT_EQ(ops(*compiled(broadcast, options)), "Transpose Conv Add Transpose");
  for (const Model& model : {clamped, read_twice, broadcast}) {
    const Feeds feeds = random_feeds(model, 5);
    expect_same_outputs(ran(model, feeds, options), ran(model, feeds, only("")), 1e-5f);
  }
}

// With three axes the transpose to channels last is its own inverse: a transpose that was put before one operand must
// not look like one that wants to sink.
TEST(Layout, TransposesOfThreeAxesSettle) {
  const Model model = Make()
                          .input("x", {Dim("n"), 8, 16})
                          .input("z", {Dim("n"), 16, 8})
                          .node("Transpose", {"x"}, {"t"}, attr("perm", std::vector<int64_t>{0, 2, 1}))
                          .node("Sigmoid", {"t"}, {"s"})
                          .node("Softmax", {"t"}, {"u"})
                          .node("Mul", {"s", "z"}, {"m"})
                          .node("Add", {"m", "u"}, {"y"})
                          .output("y");
  const auto program = compiled(model);
  ASSERT_TRUE(program);
  for (const Value& value : program->graph.values) {
    EXPECT_EQ(value.name.find("_channels_last_channels_last"), std::string::npos) << value.name;
  }
  for (const RewriteStats& s : program->rewrites) {
    if (s.rule == "sink_transpose") {
      EXPECT_LE(s.applications, 2);
    }
  }
  const Feeds feeds = random_feeds(model, 3);
  expect_same_outputs(ran(model, feeds), ran(model, feeds, only("")), 1e-6f);
}

// A chain of convolutions and what lies between them keeps one transpose at each end.
TEST(Layout, RegionsHaveTransposesAtTheirEndsOnly) {
  const Model model = conv()
                          .node("Conv", {"x", "w"}, {"a"})
                          .node("Sigmoid", {"a"}, {"s"})
                          .node("Mul", {"a", "s"}, {"m"})
                          .node("MaxPool", {"m"}, {"p"}, attr("kernel_shape", std::vector<int64_t>{2, 2}))
                          .node("Concat", {"p", "p"}, {"y"}, attr("axis", int64_t{1}))
                          .output("y");
  const auto program = compiled(model);
  ASSERT_TRUE(program);
  EXPECT_EQ(ops(*program), "Transpose Conv Chain MaxPool Concat Transpose");
  // Values inside keep their names and, as taps, the order that the model gives them.
  const Feeds feeds = random_feeds(model, 3);
  const RunResult inside = ran(model, feeds, {}, {.taps = {"a", "p"}}),
                  plain = ran(model, feeds, only(""), {.taps = {"a", "p"}});
  for (const char* name : {"a", "p"}) expect_close(inside.taps.at(name), plain.taps.at(name), 1e-6f);
  CompileOptions keep;
  keep.keep = {"m"};
  const RunResult kept = ran(model, feeds, keep, {.taps = {"m"}}),
                  expected = ran(model, feeds, only(""), {.taps = {"m"}});
  expect_close(kept.taps.at("m"), expected.taps.at("m"), 1e-6f);
  expect_same_outputs(kept, plain, 1e-6f);
}

}  // namespace halftone::testing
