#include "core/passes/weight_only/quantize_weights.h"

#include <algorithm>
#include <cmath>

#include "tests/core/passes/weight_only/zoo.h"

namespace halftone::testing {
namespace {

Result<PassOutcome> quantize(const Model& model, const std::string& keys, const std::vector<Feeds>& feeds = {}) {
  return run_pass(quantize_weights_pass(), model, keys, feeds);
}

TEST(QuantizeWeights, EveryKindOfWeightInEveryShapeOfScales) {
  const Model model = zoo();
  for (const std::string symmetric : {"true", "false"}) {
    for (const std::string scales : {"block", "channel", "tensor"}) {
      const auto outcome =
          quantize(model, R"("bits":8,"block_size":16,"symmetric":)" + symmetric + R"(,"scales":")" + scales + "\"");
      ASSERT_TRUE(outcome.ok()) << outcome.error().message << outcome.error().where;
      EXPECT_EQ(count_op(outcome->model.graph, "DequantizeLinear"), 7);
      EXPECT_GT(output_sqnr(model, outcome->model, zoo_feeds()), scales == "tensor" ? 32 : 35) << scales << symmetric;
      for (const char* name : {"table", "m", "g", "l", "w", "dw", "t"}) {
        EXPECT_GT(entry_of(*outcome, "weights", name).find("sqnr_db")->as_number(), 38) << name << scales;
      }
    }
  }
}

// What DequantizeLinear gives is the nearest of the levels, for each width: 2^bits of them per block.
TEST(QuantizeWeights, CodesAreTheNearestLevels) {
  const int64_t k = 40, n = 3;
  const Tensor w = random_tensor({k, n}, 11);
  const Model model = Build().input("x", {k, k}).constant("w", w).node("MatMul", {"x", "w"}, {"y"}).output("y").done();
  Tensor eye = random_tensor({k, k}, 0, 0, 0);
  std::vector<float> ones(static_cast<size_t>(k * k), 0.0f);
  for (int64_t i = 0; i < k; ++i) ones[static_cast<size_t>(i * k + i)] = 1;
  const Feeds feeds = {{"x", Tensor::of<float>({k, k}, ones)}};
  for (int bits = 2; bits <= 8; ++bits) {
    for (const std::string form : {"dequantize_linear", "matmul_nbits"}) {
      const auto outcome = quantize(
          model, "\"bits\":" + std::to_string(bits) + R"(,"block_size":32,"symmetric":false,"form":")" + form + "\"");
      ASSERT_TRUE(outcome.ok()) << outcome.error().message;
      EXPECT_EQ(count_op(outcome->model.graph, "MatMulNBits"), form == "matmul_nbits" ? 1 : 0);
      const Tensor y = run_model(outcome->model, feeds);
      for (int64_t c = 0; c < n; ++c) {
        for (int64_t b = 0; b < k; b += 32) {
          float low = 0, high = 0;
          const auto at = [&](int64_t i) { return static_cast<size_t>(i * n + c); };
          for (int64_t i = b; i < std::min(k, b + 32); ++i) {
            low = std::min(low, w.data<float>()[at(i)]);
            high = std::max(high, w.data<float>()[at(i)]);
          }
          const float scale = (high - low) / static_cast<float>((1 << bits) - 1);
          const float zero = std::nearbyint(-low / scale);
          for (int64_t i = b; i < std::min(k, b + 32); ++i) {
            const float x = w.data<float>()[at(i)];
            const float q = std::clamp(std::nearbyint(x / scale + zero), 0.0f, static_cast<float>((1 << bits) - 1));
            EXPECT_NEAR(y.data<float>()[at(i)], (q - zero) * scale, 1e-5) << bits << form << i;
          }
        }
      }
    }
  }
}

TEST(QuantizeWeights, FewBitsTakeFewBytes) {
  const Model model = Build()
                          .input("x", {1, 256})
                          .constant("w", random_tensor({256, 64}, 3))
                          .node("MatMul", {"x", "w"}, {"y"})
                          .output("y")
                          .done();
  struct Case {
    const char* keys;
    int64_t bytes, opset;
  };
  // Codes, and 4 bytes for each of 64 * 8 blocks; affine ones also zero points as wide as codes.
  for (const Case& c : {Case{R"("bits":4,"block_size":32)", 256 * 64 / 2 + 64 * 8 * 4, 21},
                        Case{R"("bits":3,"block_size":32)", 256 * 64 / 2 + 64 * 8 * 4, 21},
                        Case{R"("bits":2,"block_size":32)", 256 * 64 / 4 + 64 * 8 * 4, 25},
                        Case{R"("bits":4,"block_size":32,"symmetric":false)", 256 * 64 / 2 + 64 * 8 * 4 + 64 * 4, 21},
                        Case{R"("bits":8,"scales":"channel")", 256 * 64 + 64 * 4, 13},
                        Case{R"("bits":4,"block_size":32,"form":"matmul_nbits")", 256 * 64 / 2 + 64 * 8 * 4, 13}}) {
    const auto outcome = quantize(model, c.keys);
    ASSERT_TRUE(outcome.ok()) << outcome.error().message;
    const Json entry = entry_of(*outcome, "weights", "w");
    EXPECT_EQ(entry.find("bytes_after")->as_number(), static_cast<double>(c.bytes)) << c.keys;
    EXPECT_EQ(entry.find("bytes_before")->as_number(), 256 * 64 * 4) << c.keys;
    EXPECT_EQ(outcome->model.opset(), c.opset) << c.keys;
  }
}

// Inputs whose columns depend on each other, as activations do.
Tensor correlated(int64_t rows, int64_t n, uint64_t seed) {
  const Tensor basis = random_tensor({4, n}, 99), mix = random_tensor({rows, 4}, seed),
               noise = random_tensor({rows, n}, seed + 1, -0.3f, 0.3f);
  std::vector<float> x(static_cast<size_t>(rows * n));
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < n; ++c) {
      float v = noise.data<float>()[static_cast<size_t>(r * n + c)];
      for (int64_t k = 0; k < 4; ++k) {
        v += mix.data<float>()[static_cast<size_t>(r * 4 + k)] * basis.data<float>()[static_cast<size_t>(k * n + c)];
      }
      x[static_cast<size_t>(r * n + c)] = v;
    }
  }
  return Tensor::of<float>({rows, n}, x);
}

TEST(QuantizeWeights, GptqMakesUpForErrorsOnTheDataItSaw) {
  const int64_t k = 96, n = 24;
  const Model model = Build()
                          .input("x", {200, k})
                          .constant("w", random_tensor({k, n}, 21))
                          .node("MatMul", {"x", "w"}, {"y"})
                          .output("y")
                          .done();
  const std::vector<Feeds> seen = {{{"x", correlated(200, k, 31)}}, {{"x", correlated(200, k, 33)}}};
  const std::vector<Feeds> unseen = {{{"x", correlated(200, k, 41)}}};
  for (const char* bits : {"4", "3", "2"}) {
    for (const char* scales : {"block", "channel", "tensor"}) {
      const std::string keys =
          std::string(R"("block_size":32,"bits":)") + bits + R"(,"scales":")" + scales + R"(","method":)";
      const auto plain = quantize(model, keys + "\"mse\"");
      const auto better = quantize(model, keys + "\"gptq\"", seen);
      const auto ordered = quantize(model, keys + R"("gptq","act_order":true)", seen);
      ASSERT_TRUE(plain.ok() && better.ok() && ordered.ok());
      const double before = output_sqnr(model, plain->model, unseen);
      EXPECT_GT(output_sqnr(model, better->model, unseen), before + 3) << bits << scales;
      EXPECT_GT(output_sqnr(model, ordered->model, unseen), before + 3) << bits << scales;
    }
  }
}

TEST(QuantizeWeights, GptqTakesEveryKindOfLayer) {
  const Model model = zoo();
  const auto plain = quantize(model, R"("bits":4,"block_size":16,"method":"mse")");
  const auto better = quantize(model, R"("bits":4,"block_size":16,"method":"gptq")", zoo_feeds());
  ASSERT_TRUE(plain.ok() && better.ok()) << better.error().message;
  EXPECT_EQ(entry_of(*better, "weights", "table").find("method")->as_string(), "mse");
  EXPECT_EQ(entry_of(*better, "weights", "t").find("method")->as_string(), "gptq");
  EXPECT_GT(output_sqnr(model, better->model, zoo_feeds()), output_sqnr(model, plain->model, zoo_feeds()) + 1);
}

TEST(QuantizeWeights, SearchedScalesBeatCoveringOnes) {
  // A few outliers among many small weights.
  Tensor w = normal_tensor({256, 32}, 51);
  std::vector<float> values(w.data<float>().begin(), w.data<float>().end());
  for (size_t i = 0; i < values.size(); i += 97) values[i] *= 2.5f;
  const Model model = Build()
                          .input("x", {64, 256})
                          .constant("w", Tensor::of<float>({256, 32}, values))
                          .node("MatMul", {"x", "w"}, {"y"})
                          .output("y")
                          .done();
  const std::vector<Feeds> feeds = {{{"x", normal_tensor({64, 256}, 52)}}};
  for (const std::string symmetric : {"true", "false"}) {
    const std::string keys = R"("bits":3,"symmetric":)" + symmetric + R"(,"method":)";
    const auto rtn = quantize(model, keys + "\"rtn\""), mse = quantize(model, keys + "\"mse\""),
               hqq = quantize(model, keys + "\"hqq\"");
    ASSERT_TRUE(rtn.ok() && mse.ok() && hqq.ok());
    const double base = output_sqnr(model, rtn->model, feeds);
    EXPECT_GT(output_sqnr(model, mse->model, feeds), base + 1) << symmetric;
    EXPECT_GT(output_sqnr(model, hqq->model, feeds), base + 0.8) << symmetric;
  }
}

TEST(QuantizeWeights, SaysWhyNothingChanged) {
  const Model model =
      Build().input("x", {2, 4}).input("w", {4, 4}).node("MatMul", {"x", "w"}, {"y"}).output("y").done();
  const auto outcome = quantize(model, "");
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(first_warning(*outcome), "This step changed nothing");
  EXPECT_EQ(entry_of(*outcome, "nodes", "node_y").find("reason")->as_string(), "it has no weight that is a constant");
}

TEST(QuantizeWeights, AWeightThatSomebodyElseNeedsStays) {
  const Model model = Build()
                          .input("x", {4, 4})
                          .constant("w", random_tensor({4, 4}, 1))
                          .node("MatMul", {"x", "w"}, {"y"})
                          .node("Add", {"y", "w"}, {"z"})
                          .output("z")
                          .done();
  const auto outcome = quantize(model, "");
  ASSERT_TRUE(outcome.ok());
  EXPECT_NE(entry_of(*outcome, "nodes", "node_y").find("reason")->as_string().find("also read by node_z"),
            std::string::npos);
}

TEST(QuantizeWeights, GptqLeavesLayersThatItCannotSeeToLeastSquares) {
  const Model model = recurrent();
  const std::vector<Feeds> feeds = {{{"x", random_tensor({3, 1, 4}, 3)}}};
  const auto outcome = quantize(model, R"("bits":8,"method":"gptq")", feeds);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(entry_of(*outcome, "weights", "w").find("method")->as_string(), "mse");
  ASSERT_EQ(outcome->report.find("warnings")->as_array().size(), 2u);  // w and r
  EXPECT_EQ(outcome->report.find("warnings")->as_array()[0].find("where")->as_string(), "node_y");
  EXPECT_GT(output_sqnr(model, outcome->model, feeds), 30);
  const auto rounded = quantize(model, R"("bits":8)");
  ASSERT_TRUE(rounded.ok()) << rounded.error().message;
  EXPECT_GT(output_sqnr(model, rounded->model, feeds), 30);
}

TEST(QuantizeWeights, OperatorsThatARecipeNamesMayBeMissing) {
  const auto outcome = quantize(zoo(), R"("op_types":["LSTM","GRU","RNN"])");
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(first_warning(*outcome), "");
  EXPECT_EQ(outcome->model.opset(), 13);
}

// onnxruntime misreads rows of 2-bit codes that end within a byte where it makes MatMulNBits of MatMul.
TEST(QuantizeWeights, TwoBitRowsOfMatMulEndWithAByte) {
  for (const int64_t n : {int64_t{8}, int64_t{9}}) {
    const Model model = Build()
                            .input("x", {1, 64})
                            .constant("w", random_tensor({64, n}, 3))
                            .node("MatMul", {"x", "w"}, {"y"})
                            .output("y")
                            .done();
    for (const std::string symmetric : {"true", "false"}) {
      const auto outcome = quantize(model, R"("bits":2,"block_size":32,"symmetric":)" + symmetric);
      ASSERT_TRUE(outcome.ok()) << outcome.error().message;
      const std::string type = (symmetric == "true" ? "int" : "uint") + std::string(n == 9 ? "4" : "2");
      EXPECT_EQ(entry_of(*outcome, "weights", "w").find("form")->as_string(), "dequantize_linear " + type);
      EXPECT_EQ(outcome->model.opset(), n == 9 ? 21 : 25);
      EXPECT_GT(output_sqnr(model, outcome->model, {{{"x", random_tensor({1, 64}, 4)}}}), 3) << type;
    }
  }
}

TEST(QuantizeWeights, TellsOfEachChannel) {
  Tensor w = random_tensor({3, 20}, 5);
  std::fill_n(w.mutable_data<float>().begin() + 20, 20, 0.0f);
  const Model model = Build()
                          .input("x", {2, 20})
                          .constant("w", w)
                          .node("Gemm", {"x", "w"}, {"y"}, {{"transB", Attribute(int64_t{1})}})
                          .output("y")
                          .done();
  const auto outcome = quantize(model, R"("bits":8,"scales":"channel")");
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Json entry = entry_of(*outcome, "weights", "w");
  ASSERT_EQ(entry.find("dead")->as_array().size(), 1u);
  EXPECT_EQ(entry.find("dead")->as_array()[0].as_number(), 1);
  const Json* channels = entry.find("channels");
  ASSERT_EQ(channels->find("sqnr")->as_array().size(), 3u);
  EXPECT_GT(channels->find("sqnr")->as_array()[0].as_number(), 40);
  const auto values = w.data<float>();
  EXPECT_NEAR(channels->find("high")->as_array()[2].as_number(), *std::max_element(values.begin() + 40, values.end()),
              1e-3);
}

}  // namespace
}  // namespace halftone::testing
