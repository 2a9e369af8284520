// Sums and means of what layers read do not depend on the order in which the program keeps channels.
#include "core/passes/weight_only/layer_inputs.h"

#include "tests/core/passes/weight_only/zoo.h"

namespace halftone::testing {
namespace {

// Layers of all kinds that read what a convolution makes.
Model network() {
  return Build(13)
      .input("x", {1, 3, 9, 8})
      .constant("w", random_tensor({6, 3, 1, 1}, 1))
      .constant("strided", random_tensor({4, 3, 3, 2}, 2))
      .constant("depthwise", random_tensor({6, 1, 3, 3}, 3))
      .constant("t", random_tensor({6, 2, 2, 2}, 4))
      .constant("m", random_tensor({8, 5}, 5))
      .node("Conv", {"x", "w"}, {"a"})
      .node("Conv", {"a", "strided"}, {"b"},
            {{"group", Attribute(int64_t{2})},
             {"pads", Attribute(std::vector<int64_t>{1, 0, 1, 1})},
             {"strides", Attribute(std::vector<int64_t>{2, 1})}})
      .node("Conv", {"a", "depthwise"}, {"d"}, {{"group", Attribute(int64_t{6})}})
      .node("ConvTranspose", {"a", "t"}, {"u"})
      .node("MatMul", {"a", "m"}, {"p"})
      .output("b")
      .output("d")
      .output("u")
      .output("p")
      .done();
}

std::vector<LayerInput> layers_of(const Model& model, bool with_sums) {
  WeightReport report(model.graph);
  std::vector<LayerInput> layers;
  for (const WeightOf& weight : weights_of(model.graph, {}, report)) {
    auto layer = layer_input(model.graph, weight);
    if (!layer.ok() || model.graph.value(layer->x).name != "a") continue;
    layer->with_sums = with_sums;
    layers.push_back(*std::move(layer));
  }
  return layers;
}

TEST(LayerInputs, AreTheSameWithChannelsInnermost) {
  const Model model = network();
  Model first = model;
  first.graph.outputs = {first.graph.find_value("a")};
  for (const bool with_sums : {true, false}) {
    std::vector<LayerInput> watched = layers_of(model, with_sums), expected = watched;
    ASSERT_EQ(watched.size(), 4u);
    std::vector<LayerInput*> pointers;
    for (LayerInput& layer : watched) pointers.push_back(&layer);
    auto watcher = InputWatcher::create(model, pointers);
    ASSERT_TRUE(watcher.ok()) << watcher.error().message;
    for (const Feeds& feeds : random_feeds({1, 3, 9, 8}, 2)) {
      ASSERT_TRUE(watcher->observe(feeds).ok());
      const Tensor a = run_model(first, feeds);
      for (LayerInput& layer : expected) {
        ASSERT_TRUE((with_sums ? add_samples(layer, {a.view()}) : add_means(layer, {a.view()})).ok());
      }
    }
    for (size_t i = 0; i < watched.size(); ++i) {
      EXPECT_EQ(watched[i].samples, expected[i].samples) << watched[i].label;
      EXPECT_GT(watched[i].samples, 0);
      EXPECT_EQ(watched[i].sums, expected[i].sums) << watched[i].label;
      ASSERT_EQ(watched[i].means.size(), expected[i].means.size());
      for (size_t c = 0; c < expected[i].means.size(); ++c) {
        EXPECT_NEAR(watched[i].means[c], expected[i].means[c], 1e-5) << watched[i].label << " " << c;
      }
    }
  }
}

}  // namespace
}  // namespace halftone::testing
