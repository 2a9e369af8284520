// What a model takes once it has run: its weights once, packed, and the file as it was.
#include <gtest/gtest.h>

#include "core/onnx/writer.h"
#include "core/session/session.h"
#include "tests/core/count_memory.h"
#include "tests/core/passes/build.h"

namespace halftone {
namespace {

using namespace halftone::testing;

// Convolutions, depthwise too, and a product, with weights of 9 MB and small activations; two share their weights.
std::string network() {
  return *write_model(Build()
                          .input("x", {1, 64, 5, 5})
                          .weights("w1", {512, 64, 3, 3}, 1e-4f)
                          .weights("depth", {512, 1, 3, 3}, 0.01f)
                          .weights("w2", {512, 512, 1, 1}, 1e-4f)
                          .weights("b2", {512}, 0.01f)
                          .weights("w3", {512, 1024}, 1e-4f)
                          .weights("w4", {1024, 1024}, 1e-4f)
                          .node("Conv", {"x", "w1"}, {"c1"})
                          .node("Relu", {"c1"}, {"r1"})
                          .node("Conv", {"r1", "depth"}, {"d1"}, {{"group", Attribute(int64_t{512})}})
                          .node("Conv", {"d1", "w2", "b2"}, {"c2"})
                          .node("Conv", {"c2", "w2", "b2"}, {"c3"})
                          .node("GlobalAveragePool", {"c3"}, {"p"})
                          .node("Flatten", {"p"}, {"f"})
                          .node("Gemm", {"f", "w3"}, {"g"})
                          .node("MatMul", {"g", "w4"}, {"y"})
                          .output("y")
                          .done());
}

std::shared_ptr<Session> load(const std::string& file) {
  MemorySource source({reinterpret_cast<const uint8_t*>(file.data()), file.size()});
  auto session = Session::load(source);
  EXPECT_TRUE(session.ok());
  return *session;
}

Feeds feeds() {
  std::vector<float> x(64 * 25);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 13) * 0.1f - 0.6f;
  return {{"x", Tensor::of<float>({1, 64, 5, 5}, x)}};
}

Tensor output(Session& session) {
  auto result = session.run(feeds());
  EXPECT_TRUE(result.ok()) << result.error().message;
  return result->outputs[0].second;
}

std::string exported(const Session& session) { return *session.export_onnx("qdq"); }

std::shared_ptr<Session> quantized(const Session& session) {
  auto run = RecipeRun::start(session.model(), *parse_recipe(R"([{"pass":"quantize_static"}])"));
  EXPECT_TRUE(run.ok());
  while (run->wants_data()) {
    EXPECT_TRUE(run->observe(feeds()).ok());
    EXPECT_TRUE(run->end_sweep().ok());
  }
  return *Session::from_model(run->finish()->model);
}

TEST(SessionMemory, WeightsAreThereOnce) {
  const std::string file = network();
  const auto size = static_cast<double>(file.size());
  ASSERT_GT(size, 7e6);
  const int64_t before = live_bytes();
  std::shared_ptr<Session> session;
  const int64_t loading = peak_of([&] {
    session = load(file);
    output(*session);
  });
  EXPECT_LT(static_cast<double>(live_bytes() - before), 1.1 * size);
  // The largest weight, more than half of this file, is there twice for a moment.
  EXPECT_LT(static_cast<double>(loading), 1.7 * size);
  // A program with taps shares them.
  ASSERT_TRUE(session->run(feeds(), {.taps = {"c1"}}).ok());
  EXPECT_LT(static_cast<double>(live_bytes() - before), 1.15 * size);
  std::shared_ptr<Session> small;
  const int64_t applying = peak_of([&] { small = quantized(*session); });
  EXPECT_LT(static_cast<double>(applying), 0.9 * size);
  output(*small);
  // The int8 weights take half of the file where they are packed as int16, for machines without a dot product of bytes.
  EXPECT_LT(static_cast<double>(live_bytes() - before), 1.7 * size);
  // Writing takes the file's size and no more.
  const int64_t writing = peak_of([&] { exported(*session); });
  EXPECT_LT(static_cast<double>(writing), 1.01 * size);
  EXPECT_LT(static_cast<double>(live_bytes() - before), 1.7 * size);
}

// The file's weights stay as they are; those that the program made of them are only there packed.
TEST(SessionMemory, FoldedWeightsAreThereOnce) {
  const auto session =
      load(*write_model(Build()
                            .input("x", {1, 64, 5, 5})
                            .weights("w", {1024, 64, 3, 3}, 1e-4f)
                            .weights("scale", {1024})
                            .weights("shift", {1024})
                            .weights("mean", {1024})
                            .constant("variance", Tensor::of<float>({1024}, std::vector<float>(1024, 0.5f)))
                            .node("Conv", {"x", "w"}, {"c"})
                            .node("BatchNormalization", {"c", "scale", "shift", "mean", "variance"}, {"y"})
                            .output("y")
                            .done()));
  const std::string before = exported(*session);
  const int64_t live = live_bytes();
  output(*session);
  EXPECT_LT(static_cast<double>(live_bytes() - live), 1.15 * static_cast<double>(before.size()));
  EXPECT_EQ(exported(*session), before);
}

TEST(SessionMemory, FilesStayAsTheyWere) {
  const std::string file = network();
  const auto session = load(file);
  const std::string before = exported(*session);
  const Tensor y = output(*session);
  EXPECT_EQ(exported(*session), before);
  // The same model again, quantized before its weights were packed.
  const auto fresh = load(file), small = quantized(*session), other = quantized(*fresh);
  const std::string small_file = exported(*small);
  EXPECT_EQ(exported(*other), small_file);
  const Tensor small_y = output(*small);
  EXPECT_EQ(exported(*small), small_file);
  EXPECT_EQ(exported(*session), before);
  EXPECT_TRUE(output(*session).identical(y));
  EXPECT_TRUE(output(*load(small_file)).identical(small_y));
}

TEST(SessionMemory, ProgramsComeAndGo) {
  const auto session = load(network());
  const std::string before = exported(*session);
  const Tensor y = output(*session);
  session->release_program();
  EXPECT_EQ(exported(*session), before);
  EXPECT_TRUE(output(*session).identical(y));
  const auto again = Session::from_model(session->model());
  session->release_program();
  EXPECT_TRUE(output(**again).identical(y));
  auto tapped = session->run(feeds(), {.taps = {"c2", "w2"}});
  ASSERT_TRUE(tapped.ok());
  EXPECT_TRUE(tapped->outputs[0].second.identical(y));
  const ValueId w2 = session->model().graph.find_value("w2");
  EXPECT_TRUE(tapped->taps.at("w2").identical(session->model().graph.value(w2).constant));
}

// Weights that another model reads as they are, while one holds them packed.
TEST(SessionMemory, ModelsMayShareWeights) {
  const auto session = load(network());
  const Tensor y = output(*session);
  const Model& model = session->model();
  const Tensor w = model.graph.value(model.graph.find_value("w3")).constant;
  EXPECT_FALSE(w.holds_bytes());
  const auto plain = Session::from_model(
      Build().input("a", {512, 1024}).constant("w", w).node("Add", {"a", "w"}, {"s"}).output("s").done());
  ASSERT_TRUE(plain.ok());
  auto zeros = Tensor::allocate(DType::kFloat, {512, 1024});
  std::fill_n(zeros->mutable_data<float>().begin(), zeros->size(), 0.0f);
  const auto sum = [&] { return (*plain)->run({{"a", *zeros}})->outputs[0].second; };
  EXPECT_TRUE(sum().identical(w));
  session->release_program();
  EXPECT_TRUE(output(*session).identical(y));  // packs again: the other program's bytes stay
  EXPECT_TRUE(sum().identical(w));
}

}  // namespace
}  // namespace halftone
