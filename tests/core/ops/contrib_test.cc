// The fused operators of com.microsoft against the standard ones they stand for, run one by one.
#include <cmath>

#include "core/base/rng.h"
#include "core/ops/evaluate.h"
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

Tensor noise(Dims dims, uint64_t seed) {
  Rng rng(seed);
  Tensor t = *Tensor::allocate(DType::kFloat, std::move(dims));
  for (float& v : t.mutable_data<float>()) v = rng.uniform(-1, 1);
  return t;
}

// All outputs of one ai.onnx operator of opset 23.
std::vector<Tensor> standard(const std::string& op, std::vector<Tensor> inputs, Attributes attributes = {},
                             size_t outputs = 1) {
  Node node;
  node.op_type = op;
  node.attributes = std::move(attributes);
  for (size_t i = 0; i < outputs; ++i) node.outputs.push_back(static_cast<ValueId>(i));
  auto result = evaluate_node(*find_op("", op, 23), node, 23, inputs);
  EXPECT_TRUE(result.ok()) << result.error().message;
  return result.ok() ? *std::move(result) : std::vector<Tensor>(outputs);
}
Tensor one(const std::string& op, std::vector<Tensor> inputs, Attributes attributes = {}) {
  return standard(op, std::move(inputs), std::move(attributes))[0];
}
Tensor sum(const Tensor& a, const Tensor& b) { return one("Add", {a, b}); }

OpCase contrib(std::string name, const std::string& op, Attributes attributes, std::vector<Tensor> inputs,
               std::vector<Tensor> expected) {
  return {std::move(name),   "com.microsoft." + op, 1,   std::move(attributes),
          std::move(inputs), std::move(expected),   2e-6};
}

std::vector<OpCase> gelu_cases() {
  const Tensor x = noise({2, 3, 5}, 1), bias = noise({5}, 2);
  const Attributes tanh = {{"approximate", text("tanh")}};
  const Tensor slope = Tensor::scalar(1.702f);
  return {
      contrib("Plain", "Gelu", {}, {x}, {one("Gelu", {x})}),
      contrib("Bias", "BiasGelu", {}, {x, bias}, {one("Gelu", {sum(x, bias)})}),
      contrib("Plain", "FastGelu", {}, {x}, {one("Gelu", {x}, tanh)}),
      contrib("Bias", "FastGelu", {}, {x, bias}, {one("Gelu", {sum(x, bias)}, tanh)}),
      contrib("Default", "QuickGelu", {}, {x}, {one("Mul", {x, one("Sigmoid", {one("Mul", {x, slope})})})}),
      contrib("Alpha", "QuickGelu", {{"alpha", real(1)}}, {x}, {one("Mul", {x, one("Sigmoid", {x})})}),
  };
}

std::vector<OpCase> norm_cases() {
  const Tensor x = noise({2, 3, 8}, 1), skip = noise({2, 3, 8}, 2), row = noise({3, 8}, 3), gamma = noise({8}, 4),
               beta = noise({8}, 5), bias = noise({8}, 6);
  const Attributes epsilon = {{"epsilon", real(1e-3f)}};
  const Tensor plain = sum(x, skip), biased = sum(sum(x, row), bias);
  return {
      contrib("Plain", "SkipLayerNormalization", epsilon, {x, skip, gamma, beta},
              {one("LayerNormalization", {plain, gamma, beta}, epsilon)}),
      contrib("BiasAndSum", "SkipLayerNormalization", epsilon, {x, row, gamma, beta, bias},
              {one("LayerNormalization", {biased, gamma, beta}, epsilon), Tensor(), Tensor(), biased}),
      contrib("Rms", "SkipSimplifiedLayerNormalization", epsilon, {x, skip, gamma, bias},
              {one("RMSNormalization", {sum(plain, bias), gamma}, epsilon), Tensor(), Tensor(), sum(plain, bias)}),
  };
}

std::vector<OpCase> embed_cases() {
  const Tensor words = noise({7, 4}, 1), places = noise({5, 4}, 2), segments = noise({2, 4}, 3), gamma = noise({4}, 4),
               beta = noise({4}, 5);
  const Tensor ids = Tensor::of<int32_t>({2, 3}, {1, 6, 0, 2, 2, 5}),
               kinds = Tensor::of<int32_t>({2, 3}, {0, 1, 1, 0, 0, 1});
  const Tensor mask = Tensor::of<int32_t>({2, 3}, {1, 1, 0, 1, 0, 0}), order = list({0, 1, 2});
  const Attributes epsilon = {{"epsilon", real(1e-3f)}};
  const Tensor base = sum(one("Gather", {words, ids}), one("Gather", {places, order}));
  const Tensor all = sum(base, one("Gather", {segments, kinds}));
  const Tensor normed = one("LayerNormalization", {all, gamma, beta}, epsilon);
  return {
      contrib("Segments", "EmbedLayerNormalization", epsilon, {ids, kinds, words, places, segments, gamma, beta, mask},
              {normed, Tensor::of<int32_t>({2}, {2, 1}), all}),
      contrib("WordsOnly", "EmbedLayerNormalization", epsilon, {ids, Tensor(), words, places, Tensor(), gamma, beta},
              {one("LayerNormalization", {base, gamma, beta}, epsilon)}),
  };
}

// --- attention --------------------------------------------------------------------------------

constexpr int64_t kHeads = 2;
Attributes heads() { return {{"num_heads", integer(kHeads)}}; }
Attributes standard_heads(bool causal = false) {
  Attributes a = {{"q_num_heads", integer(kHeads)}, {"kv_num_heads", integer(kHeads)}};
  if (causal) a["is_causal"] = integer(1);
  return a;
}
// Elements begin, begin + 1 ... of the last axis (axis 0 of a vector).
Tensor part(const Tensor& x, int64_t begin, int64_t end) {
  return one("Slice", {x, list({begin}), list({end}), list({x.rank() - 1})});
}

std::vector<OpCase> attention_cases() {
  const Tensor q = noise({2, 3, 8}, 1), k = noise({2, 5, 8}, 2), v = noise({2, 5, 6}, 3), bias = noise({22}, 4);
  const Tensor extra = noise({1, kHeads, 3, 5}, 5);
  const Tensor biased_q = sum(q, part(bias, 0, 8)), biased_k = sum(k, part(bias, 8, 16)),
               biased_v = sum(v, part(bias, 16, 22));
  // Key 4 of the first sequence and keys 2 to 4 of the second are hidden, by 0 and 1 or by lengths.
  const Tensor mask = Tensor::of<int32_t>({2, 5}, {1, 1, 1, 1, 0, 1, 1, 0, 0, 0}),
               lengths = Tensor::of<int32_t>({2}, {4, 2});
  const Tensor hidden = flags({2, 1, 1, 5}, {true, true, true, true, false, true, true, false, false, false});
  Attributes far = heads();
  far["mask_filter_value"] = real(-1e30f);
  const Tensor masked = one("Attention", {q, k, v, hidden}, standard_heads());
  const Tensor past_k = noise({2, kHeads, 4, 4}, 6), past_v = noise({2, kHeads, 4, 3}, 7);
  const auto with_past = standard("Attention", {q, k, v, Tensor(), past_k, past_v}, standard_heads(), 3);
  return {
      contrib("Plain", "MultiHeadAttention", heads(), {q, k, v}, {one("Attention", {q, k, v}, standard_heads())}),
      contrib("Bias", "MultiHeadAttention", heads(), {q, k, v, bias},
              {one("Attention", {biased_q, biased_k, biased_v}, standard_heads())}),
      contrib("ScoreBias", "MultiHeadAttention", heads(), {q, k, v, Tensor(), Tensor(), extra},
              {one("Attention", {q, k, v, extra}, standard_heads())}),
      contrib("KeyMask", "MultiHeadAttention", far, {q, k, v, Tensor(), mask}, {masked}),
      contrib("Lengths", "MultiHeadAttention", heads(), {q, k, v, Tensor(), lengths}, {masked}),
      contrib("Past", "MultiHeadAttention", heads(), {q, k, v, Tensor(), Tensor(), Tensor(), past_k, past_v},
              with_past),
  };
}

std::vector<OpCase> projected_cases() {
  const Tensor x = noise({2, 3, 5}, 1), w = noise({5, 24}, 2), bias = noise({24}, 3);
  const Tensor all = sum(one("MatMul", {x, w}), bias);
  const Tensor q = part(all, 0, 8), k = part(all, 8, 16), v = part(all, 16, 24);
  Attributes causal = heads();
  causal["unidirectional"] = integer(1);
  const Tensor past = noise({2, 2, kHeads, 4, 4}, 4);
  const Tensor past_k = one("Gather", {past, Tensor::scalar<int64_t>(0)}),
               past_v = one("Gather", {past, Tensor::scalar<int64_t>(1)});
  const auto joined = standard("Attention", {q, k, v, Tensor(), past_k, past_v}, standard_heads(true), 3);
  const auto stacked = [&](const Tensor& t) { return one("Unsqueeze", {t, list({0})}); };
  const Tensor present = one("Concat", {stacked(joined[1]), stacked(joined[2])}, {{"axis", integer(0)}});
  Attributes sizes = heads();
  sizes["qkv_hidden_sizes"] = ints({8, 8, 6});
  const Tensor narrow = noise({5, 22}, 5), narrow_all = one("MatMul", {x, narrow});
  return {
      contrib("Plain", "Attention", heads(), {x, w, bias}, {one("Attention", {q, k, v}, standard_heads())}),
      contrib("Causal", "Attention", causal, {x, w, bias}, {one("Attention", {q, k, v}, standard_heads(true))}),
      contrib("Past", "Attention", causal, {x, w, bias, Tensor(), past}, {joined[0], present}),
      contrib("Sizes", "Attention", sizes, {x, narrow},
              {one("Attention", {part(narrow_all, 0, 8), part(narrow_all, 8, 16), part(narrow_all, 16, 22)},
                   standard_heads())}),
  };
}

std::vector<OpCase> rotary_cases() {
  const Tensor x = noise({2, 3, 8}, 1), cos = noise({6, 2}, 2), sin = noise({6, 2}, 3);
  const Tensor places = i64({2, 3}, {1, 2, 5, 0, 3, 3}), from_two = i64({2, 3}, {2, 3, 4, 2, 3, 4});
  const Attributes two = {{"num_heads", integer(2)}};
  return {
      contrib("Positions", "RotaryEmbedding", two, {x, places, cos, sin},
              {one("RotaryEmbedding", {x, cos, sin, places}, two)}),
      contrib("Offset", "RotaryEmbedding", {}, {x, list({2}), cos, sin},
              {one("RotaryEmbedding", {x, cos, sin, from_two}, two)}),
  };
}

// Two heads of queries on one of keys; the past of 2 rows, 3 new ones.
std::vector<OpCase> group_cases() {
  const Tensor q = noise({1, 3, 8}, 1), k = noise({1, 3, 4}, 2), v = noise({1, 3, 4}, 3);
  const Tensor cos = noise({6, 2}, 4), sin = noise({6, 2}, 5), past_k = noise({1, 1, 2, 4}, 6),
               past_v = noise({1, 1, 2, 4}, 7);
  const auto count = [](int32_t n) { return Tensor::of<int32_t>({1}, {n}); };
  const Attributes groups = {{"num_heads", integer(2)}, {"kv_num_heads", integer(1)}};
  Attributes plain = {{"q_num_heads", integer(2)}, {"kv_num_heads", integer(1)}, {"is_causal", integer(1)}};
  Attributes turning = groups;
  turning["do_rotary"] = integer(1);
  const auto turned = [&](const Tensor& x, int64_t heads, int64_t first) {
    return one("RotaryEmbedding", {x, cos, sin, i64({1, 3}, {first, first + 1, first + 2})},
               {{"num_heads", integer(heads)}});
  };
  const auto prompt = standard("Attention", {turned(q, 2, 0), turned(k, 1, 0), v}, plain, 3);
  const auto next = standard("Attention", {turned(q, 2, 2), turned(k, 1, 2), v, Tensor(), past_k, past_v}, plain, 3);
  const Tensor packed = one("Concat", {q, k, v}, {{"axis", integer(2)}});
  return {
      contrib("Prompt", "GroupQueryAttention", turning, {q, k, v, Tensor(), Tensor(), count(2), count(3), cos, sin},
              prompt),
      contrib("Past", "GroupQueryAttention", turning, {q, k, v, past_k, past_v, count(4), count(5), cos, sin}, next),
      contrib("Packed", "GroupQueryAttention", turning,
              {packed, Tensor(), Tensor(), past_k, past_v, count(4), count(5), cos, sin}, next),
      contrib("Plain", "GroupQueryAttention", groups, {q, k, v, Tensor(), Tensor(), count(2), count(3)},
              standard("Attention", {q, k, v}, plain, 3)),
  };
}

std::vector<OpCase> all_cases() {
  std::vector<OpCase> cases;
  for (const auto& some : {gelu_cases(), norm_cases(), embed_cases(), attention_cases(), projected_cases(),
                           group_cases(), rotary_cases()}) {
    cases.insert(cases.end(), some.begin(), some.end());
  }
  return cases;
}

class Contrib : public ::testing::TestWithParam<OpCase> {};
TEST_P(Contrib, IsWhatItsPartsAre) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Cases, Contrib, ::testing::ValuesIn(all_cases()), case_name<OpCase>);

std::vector<BadCase> bad_cases() {
  const Tensor x = noise({2, 3, 8}, 1);
  return {
      {"Bias", "com.microsoft.BiasGelu", 1, {}, {x, noise({7}, 2)}, "bias"},
      {"Packed", "com.microsoft.MultiHeadAttention", 1, heads(), {x}, "packed", ErrorCode::kUnsupportedOperator},
      {"Heads", "com.microsoft.MultiHeadAttention", 1, {{"num_heads", integer(3)}}, {x, x, x}, "num_heads"},
      {"Mask",
       "com.microsoft.MultiHeadAttention",
       1,
       heads(),
       {x, x, x, Tensor(), Tensor::of<int32_t>({4}, {1, 2, 3, 4})},
       "mask",
       ErrorCode::kUnsupportedOperator},
  };
}
class BadContrib : public ::testing::TestWithParam<BadCase> {};
TEST_P(BadContrib, IsRefused) { check_bad_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Cases, BadContrib, ::testing::ValuesIn(bad_cases()), case_name<BadCase>);

}  // namespace
}  // namespace halftone::testing
