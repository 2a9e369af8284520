// Small models for the tests of the compiler and the executor, their random feeds, and what became of them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/rng.h"
#include "core/compile/program.h"
#include "core/graph/edit.h"
#include "core/runtime/executor.h"

namespace halftone::testing {

inline Tensor random_floats(const Dims& dims, uint64_t seed, float low = -1, float high = 1) {
  Rng rng(seed);
  Tensor t = *Tensor::allocate(DType::kFloat, dims);
  for (float& v : t.mutable_data<float>()) v = rng.uniform(low, high);
  return t;
}

template <typename T>
Tensor random_ints(const Dims& dims, uint64_t seed, int low, int high) {
  Rng rng(seed);
  Tensor t = *Tensor::allocate(DTypeOf<T>::value, dims);
  for (T& v : t.template mutable_data<T>()) v = static_cast<T>(low + static_cast<int>(rng.below(high - low + 1)));
  return t;
}

inline Attributes attr(const std::string& key, Attribute::Payload value) {
  return {{key, Attribute(std::move(value))}};
}

// Builds a Model by value names. Order of calls is order of nodes.
class Make {
 public:
  explicit Make(int64_t opset = 13) { model_.opset_imports[""] = opset; }

  Make& input(const std::string& name, std::vector<Dim> dims, DType dtype = DType::kFloat) {
    model_.graph.inputs.push_back(model_.graph.add_value(name, dtype, SymShape(std::move(dims))));
    return *this;
  }
  Make& constant(const std::string& name, Tensor tensor) {
    model_.graph.add_constant(name, std::move(tensor));
    return *this;
  }
  Make& floats(const std::string& name, const Dims& dims, float low = -1, float high = 1) {
    return constant(name, random_floats(dims, ++seed_, low, high));
  }
  Make& ints(const std::string& name, std::vector<int64_t> values) {
    const int64_t n = static_cast<int64_t>(values.size());
    return constant(name, Tensor::of<int64_t>({n}, values));
  }
  Make& node(const std::string& op, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
             Attributes attributes = {}) {
    Node node;
    node.op_type = op;
    node.name = "make_" + outputs.front();
    for (const std::string& name : inputs) node.inputs.push_back(id(name));
    for (const std::string& name : outputs) node.outputs.push_back(id(name));
    node.attributes = std::move(attributes);
    model_.graph.nodes.push_back(std::move(node));
    return *this;
  }
  // "<x>_q" = QuantizeLinear(x) and "<x>_d" = DequantizeLinear(<x>_q), with their own constants.
  template <typename T>
  Make& quantize(const std::string& x, float scale, int zero) {
    constant(x + "_scale", Tensor::scalar<float>(scale)).constant(x + "_zero", Tensor::scalar<T>(static_cast<T>(zero)));
    node("QuantizeLinear", {x, x + "_scale", x + "_zero"}, {x + "_q"});
    return node("DequantizeLinear", {x + "_q", x + "_scale", x + "_zero"}, {x + "_d"});
  }
  // "<w>_d" = DequantizeLinear of a random int8 weight with one scale per index of axis 0.
  Make& int8_weight(const std::string& w, const Dims& dims, float scale) {
    constant(w + "_q", random_ints<int8_t>(dims, ++seed_, -127, 127));
    constant(w + "_scale", Tensor::of<float>({dims[0]}, std::vector<float>(static_cast<size_t>(dims[0]), scale)));
    constant(w + "_zero", Tensor::of<int8_t>({dims[0]}, std::vector<int8_t>(static_cast<size_t>(dims[0]), 0)));
    return node("DequantizeLinear", {w + "_q", w + "_scale", w + "_zero"}, {w + "_d"}, attr("axis", int64_t{0}));
  }
  Make& int32_bias(const std::string& b, int64_t channels, float scale) {
    constant(b + "_q", random_ints<int32_t>({channels}, ++seed_, -1000, 1000));
    constant(b + "_scale", Tensor::of<float>({channels}, std::vector<float>(static_cast<size_t>(channels), scale)));
    return node("DequantizeLinear", {b + "_q", b + "_scale"}, {b + "_d"}, attr("axis", int64_t{0}));
  }
  Make& output(const std::string& name) {
    model_.graph.outputs.push_back(id(name));
    return *this;
  }
  operator Model() const { return model_; }

 private:
  ValueId id(const std::string& name) {
    if (name.empty()) return kNoValue;
    const ValueId known = model_.graph.find_value(name);
    return known != kNoValue ? known : model_.graph.add_value(name);
  }

  Model model_;
  uint64_t seed_ = 0;
};

// Operators of a program in order, "Conv Relu"; those that run on integers have a * behind.
inline std::string ops(const Program& program) {
  std::string list;
  for (const Step& step : program.steps) {
    list += (list.empty() ? "" : " ") + std::string(step.op->name) + (step.integer ? "*" : "");
  }
  return list;
}

// Every rewrite off but this one ("": all off).
inline CompileOptions only(std::string_view rule) {
  CompileOptions options;
  for (const RewriteRule* r : compile_rewrites()) {
    if (r->name != rule) options.disabled.emplace_back(r->name);
  }
  return options;
}

// Without layout and tables, for tests that list the model's operators in its order.
inline CompileOptions channels_first() {
  CompileOptions options;
  options.disabled = {"channels_last", "fuse_tables"};
  return options;
}

// Random values for every input; unknown dims are 2.
inline Feeds random_feeds(const Model& model, uint64_t seed, float low = -1, float high = 1) {
  Feeds feeds;
  for (ValueId id : model.graph.inputs) {
    const Value& value = model.graph.value(id);
    Dims dims;
    for (const Dim& d : value.shape.dims()) dims.push_back(d.known() ? d.value : 2);
    if (value.dtype == DType::kUint8) {
      feeds[value.name] = random_ints<uint8_t>(dims, ++seed, 0, 255);
    } else {
      feeds[value.name] = random_floats(dims, ++seed, low, high);
    }
  }
  return feeds;
}

inline std::string text(const Error& error) {
  return std::string(error_code_name(error.code)) + ": " + error.message + " [" + error.where + "] " + error.hint;
}

inline std::shared_ptr<const Program> compiled(const Model& model, const CompileOptions& options = {}) {
  auto program = compile(model, options);
  EXPECT_TRUE(program.ok()) << text(program.error());
  return program.ok() ? *program : nullptr;
}

inline RunResult ran(const Model& model, const Feeds& feeds, const CompileOptions& options = {},
                     const RunOptions& run = {}) {
  const auto program = compiled(model, options);
  if (program == nullptr) return {};
  Executor executor(program);
  auto result = executor.run(feeds, run);
  EXPECT_TRUE(result.ok()) << text(result.error());
  return result.ok() ? *std::move(result) : RunResult();
}

// Float tensors within `relative` of the reference's largest magnitude; other types identical.
inline void expect_close(const Tensor& actual, const Tensor& expected, float relative) {
  ASSERT_EQ(actual.dtype(), expected.dtype());
  ASSERT_EQ(actual.dims(), expected.dims());
  if (expected.dtype() != DType::kFloat || relative == 0) {
    EXPECT_TRUE(actual.identical(expected));
    return;
  }
  const auto a = actual.data<float>(), e = expected.data<float>();
  float largest = 1e-6f;
  for (float v : e) largest = std::max(largest, std::abs(v));
  float worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - e[i]));
  EXPECT_LE(worst, relative * largest);
}

inline void expect_same_outputs(const RunResult& actual, const RunResult& expected, float relative) {
  ASSERT_EQ(actual.outputs.size(), expected.outputs.size());
  for (size_t i = 0; i < actual.outputs.size(); ++i) {
    SCOPED_TRACE(expected.outputs[i].first);
    EXPECT_EQ(actual.outputs[i].first, expected.outputs[i].first);
    expect_close(actual.outputs[i].second, expected.outputs[i].second, relative);
  }
}

}  // namespace halftone::testing
