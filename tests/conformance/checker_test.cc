// ONNX's own checker (tests/conformance/checker) on what the recipes export. It is as old as the machine's libonnx: a
// file of a newer opset or IR version is left out, and says so.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "core/onnx/writer.h"
#include "core/recipe/recipe.h"
#include "core/session/session.h"
#include "tests/core/passes/build.h"

namespace halftone::testing {
namespace {

struct Case {
  const char* name;
  const char* recipe;
  const char* format = "qdq";
  bool dense = false;  // no convolutions: their blocks of 4 bits need opset 21
};

constexpr Case kCases[] = {
    {"Float", "[]"},
    {"Int8", R"([{"pass":"quantize_static"}])"},
    {"Int8Signed", R"([{"pass":"quantize_static","activation_type":"int8","per_channel":false}])"},
    {"Int8Repaired", R"([{"pass":"equalize"},{"pass":"quantize_static"},{"pass":"correct_bias"}])"},
    {"Int8DataFree", R"([{"pass":"quantize_static","activation_observer":"batch_norm","skip_islands":true}])"},
    {"Operators", R"([{"pass":"quantize_static"}])", "qoperator"},
    {"OperatorsSigned", R"([{"pass":"quantize_static","activation_type":"int8"}])", "qoperator"},
    {"Dynamic", R"([{"pass":"quantize_dynamic"}])"},
    {"Int8Weights", R"([{"pass":"quantize_weights","bits":8,"scales":"channel"}])"},
    {"Int4Weights", R"([{"pass":"quantize_weights","bits":4,"block_size":32}])"},
    {"Int4Packed", R"([{"pass":"quantize_weights","bits":4,"block_size":32,"form":"matmul_nbits"}])", "qdq", true},
    {"Codebook", R"([{"pass":"quantize_codebook","bits":6}])"},
    {"Float16", R"([{"pass":"convert_float","type":"float16"}])"},
    {"Float16Model", R"([{"pass":"convert_float","type":"float16","scope":"model"}])"},
};

Model network() {
  return Build()
      .input("x", {1, 2, 8, 8})
      .weights("w", {8, 2, 3, 3}, 0.003f)
      .weights("b", {8}, 0.01f)
      .weights("dw", {8, 1, 3, 3}, 0.005f)
      .weights("pw", {8, 8, 1, 1}, 0.01f)
      .constant("six", Tensor::scalar<float>(6))
      .constant("nought", Tensor::scalar<float>(0))
      .weights("mw", {64, 64}, 0.001f)
      .weights("fw", {64, 3}, 0.002f)
      .weights("fb", {3}, 0.01f)
      .node("Conv", {"x", "w", "b"}, {"c"})
      .node("Clip", {"c", "nought", "six"}, {"r"})
      .node("Conv", {"r", "dw"}, {"d"},
            {{"group", Attribute(int64_t{8})}, {"pads", Attribute(std::vector<int64_t>{1, 1, 1, 1})}})
      .node("Relu", {"d"}, {"dr"})
      .node("Conv", {"dr", "pw"}, {"p"})
      .node("Sigmoid", {"p"}, {"g"})
      .node("Mul", {"r", "g"}, {"m"})
      .node("Add", {"m", "p"}, {"a"})
      .node("Concat", {"a", "r"}, {"k"}, {{"axis", Attribute(int64_t{1})}})
      .node(
          "MaxPool", {"k"}, {"q"},
          {{"kernel_shape", Attribute(std::vector<int64_t>{2, 2})}, {"strides", Attribute(std::vector<int64_t>{3, 3})}})
      .node("Flatten", {"q"}, {"f"})
      .node("MatMul", {"f", "mw"}, {"h"})
      .node("Softmax", {"h"}, {"s"}, {{"axis", Attribute(int64_t{1})}})
      .node("Gemm", {"s", "fw", "fb"}, {"y"})
      .output("y")
      .done();
}

Model dense_network() {
  return Build()
      .input("x", {1, 2, 8, 8})
      .weights("mw", {128, 64}, 0.001f)
      .weights("nw", {64, 3}, 0.002f)
      .node("Flatten", {"x"}, {"f"})
      .node("MatMul", {"f", "mw"}, {"h"})
      .node("Relu", {"h"}, {"r"})
      .node("MatMul", {"r", "nw"}, {"y"})
      .output("y")
      .done();
}

class Pictures final : public CalibrationSource {
 public:
  Status rewind() override {
    at_ = 0;
    return ok_status();
  }
  Result<std::optional<Feeds>> next() override {
    if (at_ == 4) return std::optional<Feeds>();
    const float shift = 0.2f * static_cast<float>(at_++);
    return std::optional<Feeds>(Feeds{{"x", filled({1, 2, 8, 8}, {shift, 0.7f, -0.9f, 0.2f + shift, 0.5f})}});
  }

 private:
  int at_ = 0;
};

struct Checked {
  int exit_code = -1;
  int64_t ir = 0, opset = 0;  // the highest it knows
  std::string reason;
};

Checked check([[maybe_unused]] const std::string& file) {
  Checked checked;
#ifdef HALFTONE_ONNX_CHECK
  FILE* pipe = popen(("'" HALFTONE_ONNX_CHECK "' '" + file + "'").c_str(), "r");
  if (pipe == nullptr) return checked;
  long long ir = 0, opset = 0;
  if (std::fscanf(pipe, "IR %lld opset %lld ", &ir, &opset) != 2) checked.reason = "The checker does not run. ";
  checked.ir = ir;
  checked.opset = opset;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) checked.reason += static_cast<char>(c);
  const int status = pclose(pipe);
  checked.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
#endif
  return checked;
}

std::string exported(const Case& c) {
  const auto recipe = parse_recipe(c.recipe);
  EXPECT_TRUE(recipe.ok()) << c.recipe;
  Pictures pictures;
  auto outcome = run_recipe(c.dense ? dense_network() : network(), *recipe, &pictures);
  EXPECT_TRUE(outcome.ok()) << outcome.error().message;
  const auto session = Session::from_model(std::move(outcome->model));
  EXPECT_TRUE(session.ok());
  auto bytes = (*session)->export_onnx(c.format);
  EXPECT_TRUE(bytes.ok()) << bytes.error().message;
  return *bytes;
}

class OnnxChecker : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
#ifndef HALFTONE_ONNX_CHECK
    GTEST_SKIP() << "libonnx-dev is not installed: ONNX's own checker is left out";
#endif
    file_ = ::testing::TempDir() + "halftone_checker_" + GetParam().name + ".onnx";
  }
  void TearDown() override { std::filesystem::remove(file_); }
  std::string file_;
};

TEST_P(OnnxChecker, AcceptsWhatIsExported) {
  const std::string bytes = exported(GetParam());
  std::ofstream(file_, std::ios::binary) << bytes;
  MemorySource source({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  const auto model = read_model(source);
  ASSERT_TRUE(model.ok());
  const Checked checked = check(file_);
  if (model->ir_version > checked.ir || model->opset() > checked.opset) {
    EXPECT_EQ(checked.exit_code, 1);
    GTEST_SKIP() << "IR " << model->ir_version << " and opset " << model->opset() << "; the checker knows IR "
                 << checked.ir << " and opset " << checked.opset;
  }
  EXPECT_EQ(checked.exit_code, 0) << checked.reason;
}

INSTANTIATE_TEST_SUITE_P(Recipes, OnnxChecker, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

// That it refuses at all.
TEST(OnnxCheckerItself, RefusesWhatIsWrong) {
#ifndef HALFTONE_ONNX_CHECK
  GTEST_SKIP() << "libonnx-dev is not installed: ONNX's own checker is left out";
#endif
  Model model = network();
  model.graph.nodes[0].attributes["pads"] = Attribute(std::string("wide"));
  const auto bytes = write_model(model);
  ASSERT_TRUE(bytes.ok());
  const std::string file = ::testing::TempDir() + "halftone_checker_wrong.onnx";
  std::ofstream(file, std::ios::binary) << *bytes;
  const Checked checked = check(file);
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_NE(checked.reason.find("pads"), std::string::npos) << checked.reason;
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace halftone::testing
