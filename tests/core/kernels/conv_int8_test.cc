#include "core/kernels/conv/conv_int8.h"

#include <gtest/gtest.h>

#include "core/kernels/conv/conv_f32.h"
#include "core/kernels/conv/reference.h"
#include "core/kernels/dot/dot.h"
#include "tests/core/kernels/conv_cases.h"
#include "tests/core/kernels/random.h"

namespace halftone {
namespace {

struct Form {
  DotKind machine;
  bool is_signed;
  int32_t zero_point;
  bool signed_output;
  int32_t weight_limit;  // weights in [-limit, limit]
};

const Form kForms[] = {
    {DotKind::kNone, false, 113, false, 127}, {DotKind::kNone, true, -7, true, 255},
    {DotKind::kUsdot, false, 255, true, 127}, {DotKind::kUsdot, true, -128, false, 127},
    {DotKind::kSdot, false, 3, false, 127},   {DotKind::kSdot, true, 100, true, 127},
    {DotKind::kI7, false, 128, false, 64},    {DotKind::kI7, true, 0, true, 64},
    {DotKind::kUsdot, false, 0, false, 255},  // too wide for bytes: falls back to int16
    {DotKind::kI7, false, 0, false, 127},     // pairs may saturate: falls back to int16
};

struct Data {
  std::vector<uint8_t> x;
  std::vector<int16_t> w;
  std::vector<int32_t> bias;
  std::vector<float> multiplier;
};

Data make_data(const ConvGeometry& g, const Form& form, bool extremes) {
  Rng rng(11);
  const int32_t limit = form.weight_limit;
  Data d{random_ints<uint8_t>(rng, input_size(g), 0, 255), random_ints<int16_t>(rng, weight_size(g), -limit, limit),
         random_ints<int32_t>(rng, g.groups * g.filters, -5000, 5000),
         random_floats(rng, g.groups * g.filters, 1e-4f, 0.01f)};
  if (extremes) {
    for (uint8_t& v : d.x) v = rng.below(2) != 0 ? (form.is_signed ? 0x7f : 0xff) : (form.is_signed ? 0x80 : 0);
    for (int16_t& v : d.w) v = static_cast<int16_t>(rng.below(2) != 0 ? limit : -limit);
  }
  return d;
}

int32_t real_value(uint8_t byte, bool is_signed) { return is_signed ? static_cast<int8_t>(byte) : byte; }

// The int32 sums that the formula gives.
std::vector<int32_t> expected_sums(const ConvGeometry& g, const Form& form, const Data& d) {
  std::vector<int16_t> values(d.x.size());
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int16_t>(real_value(d.x[i], form.is_signed));
  std::vector<int32_t> sums(static_cast<size_t>(output_size(g)));
  conv_reference<uint32_t>(g, values.data(), d.w.data(), form.zero_point, [&](int64_t i, int64_t f, uint32_t acc) {
    sums[static_cast<size_t>(i)] = static_cast<int32_t>(acc) + d.bias[static_cast<size_t>(f)];
  });
  return sums;
}

void check(const ConvCase& c, const Form& form, bool extremes) {
  SCOPED_TRACE(std::string(c.name) + ", " + std::string(dot_kind_name(form.machine)) +
               (form.is_signed ? ", int8" : ", uint8"));
  const ConvGeometry& g = c.geometry;
  const Data d = make_data(g, form, extremes);
  const ActivationForm activation{choose_conv_dot(g, form.machine, d.w), form.is_signed, form.zero_point};
  auto weights = pack_conv_int8(g, d.w, d.bias, activation);
  ASSERT_TRUE(weights.ok());
  ASSERT_EQ(unpack_conv_int8(g, activation.kind, weights->bytes.bytes()), d.w);
  std::vector<float> multiplier(static_cast<size_t>(conv_bias_size(g)));
  pack_conv_bias(g, d.multiplier.data(), multiplier.data());
  std::vector<uint8_t> scratch(static_cast<size_t>(conv_int8_scratch_bytes(g, activation) + 64));
  void* aligned = scratch.data() + (64 - reinterpret_cast<uintptr_t>(scratch.data()) % 64);
  const RequantRange range{form.signed_output ? -3 : 120, form.signed_output ? -128 : 0,
                           form.signed_output ? 127 : 250};
  std::vector<uint8_t> y(static_cast<size_t>(output_size(g)), 0xee);
  ConvInt8 args{.x = d.x.data(),
                .form = activation,
                .weights = weights->bytes.bytes(),
                .bias = weights->bias.data<int32_t>().data(),
                .multiplier = multiplier.data(),
                .range = range,
                .signed_output = form.signed_output,
                .bounded = g.depth() < 1000,  // 255 * 255 * 0.01 a term: below 2^22
                .y = y.data()};
  conv_int8(g, args, aligned);
  std::vector<int32_t> sums(y.size(), 77);
  args.multiplier = nullptr;
  args.y = sums.data();
  conv_int8(g, args, aligned);
  const auto expected = expected_sums(g, form, d);
  ASSERT_EQ(sums, expected);
  for (size_t i = 0; i < y.size(); ++i) {
    const size_t filter = i % static_cast<size_t>(g.out_channels());
    ASSERT_EQ(real_value(y[i], form.signed_output), requantize(expected[i], d.multiplier[filter], range)) << i;
  }
}

TEST(ConvInt8, MatchesReferenceForEveryDotInEveryGeometry) {
  for (const Form& form : kForms) {
    if (!is_built(form.machine)) continue;
    for (const ConvCase& c : conv_cases()) check(c, form, false);
  }
}

TEST(ConvInt8, ExtremeValuesStayExact) {
  for (const Form& form : kForms) {
    if (!is_built(form.machine)) continue;
    for (const ConvCase& c : conv_cases()) check(c, form, true);
  }
}

}  // namespace
}  // namespace halftone
