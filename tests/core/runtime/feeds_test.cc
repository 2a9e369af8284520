// What feeds are refused, and with which words.
#include "core/runtime/feeds.h"

#include "tests/core/compile/make.h"

namespace halftone::testing {
namespace {

Graph two_inputs() {
  Model model = Make()
                    .input("image", {Dim("batch"), 3, Dim("size"), Dim("size")})
                    .input("mask", {Dim("batch"), Dim()}, DType::kUint8)
                    .node("Identity", {"image"}, {"y"})
                    .output("y");
  model.graph.initializer_inputs.push_back(model.graph.add_constant("weight", Tensor::scalar<float>(1)));
  return model.graph;
}

Feeds good() { return {{"image", random_floats({2, 3, 4, 4}, 1)}, {"mask", random_ints<uint8_t>({2, 7}, 1, 0, 1)}}; }

struct Case {
  std::string name;
  std::string where;
  std::vector<std::string> says;  // parts of message or hint
  void (*change)(Feeds&);
};

class BadFeeds : public ::testing::TestWithParam<Case> {};

TEST_P(BadFeeds, AreNamed) {
  Feeds feeds = good();
  GetParam().change(feeds);
  const Status status = check_feeds(two_inputs(), feeds);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(status.error().where, GetParam().where);
  for (const std::string& part : GetParam().says) {
    EXPECT_NE(text(status.error()).find(part), std::string::npos) << text(status.error());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Feeds, BadFeeds,
    ::testing::Values(
        Case{"Missing", "mask", {"missing", "uint8 [batch, ?]"}, [](Feeds& f) { f.erase("mask"); }},
        Case{"Extra", "foo", {"no input 'foo'", "image: float32"}, [](Feeds& f) { f["foo"] = Tensor::scalar(1.0f); }},
        Case{
            "Initializer", "weight", {"cannot replace", "Leave"}, [](Feeds& f) { f["weight"] = Tensor::scalar(1.0f); }},
        Case{"Type",
             "mask",
             {"is float32, expected uint8"},
             [](Feeds& f) {
               f["mask"] = random_floats({2, 7}, 1);
             }},
        Case{"Rank",
             "image",
             {"[3, 4, 4]", "[batch, 3, size, size]"},
             [](Feeds& f) {
               f["image"] = random_floats({3, 4, 4}, 1);
             }},
        Case{"Dim",
             "image",
             {"[2, 1, 4, 4]", "[batch, 3, size, size]"},
             [](Feeds& f) {
               f["image"] = random_floats({2, 1, 4, 4}, 1);
             }},
        Case{"SymbolWithinAnInput",
             "image",
             {"size = 5", "size = 4"},
             [](Feeds& f) {
               f["image"] = random_floats({2, 3, 4, 5}, 1);
             }},
        Case{"SymbolAcrossInputs",
             "mask",
             {"batch = 3", "'image' has batch = 2"},
             [](Feeds& f) {
               f["mask"] = random_ints<uint8_t>({3, 7}, 1, 0, 1);
             }},
        Case{"Undefined", "image", {"missing"}, [](Feeds& f) { f["image"] = Tensor(); }}),
    [](const auto& info) { return info.param.name; });

TEST(Feeds, GoodOnesPass) { EXPECT_TRUE(check_feeds(two_inputs(), good()).ok()); }

}  // namespace
}  // namespace halftone::testing
