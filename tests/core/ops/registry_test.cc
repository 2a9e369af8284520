// The registry as a whole: rows do not overlap, hooks come together, and no operator can be made to crash by inputs of
// wrong types, shapes and contents (which matters most under the sanitizers).
#include <gtest/gtest.h>

#include <set>

#include "core/base/rng.h"
#include "core/ops/evaluate.h"
#include "core/ops/op_def.h"
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

std::vector<const OpDef*> rows() {
  std::vector<const OpDef*> out;
  for (auto family : all_ops()) {
    for (const OpDef& op : family) out.push_back(&op);
  }
  return out;
}

TEST(Registry, RowsOfOneOperatorDoNotOverlap) {
  for (const OpDef* a : rows()) {
    EXPECT_LE(a->since, a->until) << a->name;
    for (const OpDef* b : rows()) {
      if (a == b || a->name != b->name || a->domain != b->domain) continue;
      EXPECT_TRUE(a->until < b->since || b->until < a->since) << a->name;
    }
  }
}

TEST(Registry, EveryRowHasItsHooks) {
  for (const OpDef* op : rows()) {
    EXPECT_NE(op->infer, nullptr) << op->name;
    EXPECT_NE(op->cost, nullptr) << op->name;
    EXPECT_GE(op->schema.min_inputs, 0) << op->name;
    EXPECT_GE(op->schema.min_outputs, 1) << op->name;
    if (op->prepare_int8 == nullptr && op->int8_applies == nullptr) continue;
    EXPECT_NE(op->run_int8, nullptr) << op->name;
  }
}

TEST(Registry, FindsByDomainNameAndVersion) {
  ASSERT_NE(find_op("", "Relu", 13), nullptr);
  EXPECT_EQ(find_op("ai.onnx", "Relu", 13), find_op("", "Relu", 13));
  EXPECT_EQ(find_op("", "Resize", 9), nullptr);
  EXPECT_EQ(find_op("com.microsoft", "Relu", 1), nullptr);
  EXPECT_EQ(find_op("", "relu", 13), nullptr);
}

// --- random calls -----------------------------------------------------------------------------------
constexpr DType kTypes[] = {DType::kFloat,   DType::kFloat,  DType::kFloat, DType::kInt64,
                            DType::kInt64,   DType::kInt32,  DType::kUint8, DType::kInt8,
                            DType::kFloat16, DType::kDouble, DType::kBool,  DType::kString};

Tensor random_tensor(Rng& rng, DType type, Dims dims) {
  const int64_t count = *element_count(dims);
  if (type == DType::kString) return Tensor::strings(dims, std::vector<std::string>(static_cast<size_t>(count), "1"));
  Tensor t = *Tensor::allocate(type, dims);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t v = static_cast<int64_t>(rng.below(7)) - 2;
    switch (type) {
      case DType::kFloat:
        t.mutable_data<float>()[static_cast<size_t>(i)] = static_cast<float>(v) * 0.5f;
        break;
      case DType::kDouble:
        t.mutable_data<double>()[static_cast<size_t>(i)] = static_cast<double>(v);
        break;
      case DType::kInt64:
        t.mutable_data<int64_t>()[static_cast<size_t>(i)] = rng.below(40) == 0 ? (v < 0 ? INT64_MIN : INT64_MAX) : v;
        break;
      case DType::kInt32:
        t.mutable_data<int32_t>()[static_cast<size_t>(i)] = static_cast<int32_t>(v);
        break;
      case DType::kBool:
        t.mutable_data<bool>()[static_cast<size_t>(i)] = v > 0;
        break;
      default:
        t.mutable_bytes()[i] = static_cast<uint8_t>(v + 3);
        break;
    }
  }
  return t;
}

Dims random_dims(Rng& rng) {
  Dims dims(rng.below(6));
  for (int64_t& d : dims) d = rng.below(8) == 0 ? 0 : 1 + rng.below(4);
  return dims;
}

// Attributes that operators read, with values that make sense to some of them.
Attributes random_attributes(Rng& rng) {
  Attributes out;
  const auto number = [&] { return static_cast<int64_t>(rng.below(7)) - 2; };
  for (const char* key : {"axis",
                          "keepdims",
                          "batch_dims",
                          "blocksize",
                          "group",
                          "to",
                          "k",
                          "p",
                          "transA",
                          "transB",
                          "select_last_index",
                          "noop_with_empty_axes",
                          "exclusive",
                          "reverse",
                          "num_outputs",
                          "size",
                          "num_groups",
                          "antialias",
                          "exclude_outside",
                          "count_include_pad",
                          "ceil_mode",
                          "fmod",
                          "allowzero",
                          "training_mode",
                          "start",
                          "end",
                          "largest",
                          "upper",
                          "block_size",
                          "align_corners",
                          "hidden_size",
                          "inverse",
                          "is_causal",
                          "kv_num_heads",
                          "layout",
                          "linear_before_reset",
                          "num_heads",
                          "num_scan_inputs",
                          "offset_group",
                          "onesided",
                          "output_height",
                          "q_num_heads",
                          "sampling_ratio",
                          "sorted",
                          "unidirectional",
                          "spatial"}) {
    if (rng.below(3) == 0) out[key] = integer(number());
  }
  for (const char* key : {"axes", "perm", "shape", "pads", "strides", "dilations", "kernel_shape", "split", "starts",
                          "ends", "repeats", "output_shape", "output_padding", "border", "scale"}) {
    if (rng.below(3) != 0) continue;
    std::vector<int64_t> v(rng.below(5));
    for (int64_t& e : v) e = number();
    out[key] = ints(std::move(v));
  }
  const char* modes[] = {"constant", "edge", "reflect", "wrap", "nearest", "linear", "cubic", "DCR", "tanh"};
  if (rng.below(2) == 0) out["mode"] = text(modes[rng.below(9)]);
  const char* directions[] = {"LEFT", "RIGHT", "reverse", "bidirectional"};
  if (rng.below(4) == 0) out["direction"] = text(directions[rng.below(4)]);
  const char* equations[] = {"ij,jk", "...ij->...ji", "ii->i", "bij,bjk->bik", "i,j", "->", "a...b->ab"};
  if (rng.below(2) == 0) out["equation"] = text(equations[rng.below(7)]);
  if (rng.below(4) == 0) out["auto_pad"] = text(rng.below(2) == 0 ? "SAME_UPPER" : "VALID");
  const char* places[] = {"asymmetric", "align_corners", "tf_crop_and_resize", "half_pixel_symmetric"};
  if (rng.below(2) == 0) out["coordinate_transformation_mode"] = text(places[rng.below(4)]);
  return out;
}

// Inputs are related now and then: the same dims, or a short list of numbers, as arguments are.
std::vector<Tensor> random_inputs(Rng& rng, const OpSchema& schema) {
  const int most = schema.max_inputs < 0 ? schema.min_inputs + 2 : schema.max_inputs;
  const int count =
      schema.min_inputs + static_cast<int>(rng.below(static_cast<uint32_t>(most - schema.min_inputs + 1)));
  const Dims dims = random_dims(rng);
  const DType type = kTypes[rng.below(std::size(kTypes))];
  std::vector<Tensor> inputs;
  for (int i = 0; i < count; ++i) {
    if (i >= schema.min_inputs && rng.below(4) == 0) {
      inputs.emplace_back();
    } else if (i > 0 && rng.below(3) == 0) {
      inputs.push_back(random_tensor(rng, DType::kInt64, {static_cast<int64_t>(rng.below(5))}));
    } else if (i > 0 && rng.below(3) == 0) {
      inputs.push_back(random_tensor(rng, type, dims.size() > 1 ? Dims{dims[1]} : dims));
    } else {
      inputs.push_back(random_tensor(rng, rng.below(3) == 0 ? kTypes[rng.below(std::size(kTypes))] : type,
                                     rng.below(2) == 0 ? random_dims(rng) : dims));
    }
  }
  return inputs;
}

class RandomCalls : public ::testing::TestWithParam<const OpDef*> {};

TEST_P(RandomCalls, EndInAResultOrAnError) {
  const OpDef& op = *GetParam();
  if (op.run == nullptr) GTEST_SKIP() << "this operator has no float kernel";
  constexpr int kCalls = 400;
  EvaluateOptions options;
  options.max_output_bytes = 1 << 20;
  for (int call = 0; call < kCalls; ++call) {
    Rng rng(static_cast<uint64_t>(call) * 7919 + 1);
    SCOPED_TRACE(call);
    Node node;
    node.op_type = std::string(op.name);
    node.attributes = random_attributes(rng);
    const auto inputs = random_inputs(rng, op.schema);
    const int most = op.schema.max_outputs < 0 ? 3 : op.schema.max_outputs;
    for (int i = 0; i < most; ++i) node.outputs.push_back(i);
    const int64_t opset = std::max<int64_t>(op.since, std::min<int64_t>(op.until, rng.below(24) + 1));
    const auto result = evaluate_node(op, node, opset, inputs, options);
    if (!result.ok()) {
      EXPECT_FALSE(result.error().message.empty());
    } else {
      EXPECT_TRUE(result->front().defined());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllRows, RandomCalls, ::testing::ValuesIn(rows()), [](const auto& info) {
  return (info.param->domain.empty() ? "" : "contrib_") + std::string(info.param->name) + "_" +
         std::to_string(info.param->since);
});

}  // namespace
}  // namespace halftone::testing
