// ConvTranspose against the plain formula (every input element spread over its window) at sizes around the lane width
// and the tiles, and the rules for its output size.
#include "core/base/rng.h"
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

Tensor noise(Dims dims, uint64_t seed) {
  Rng rng(seed);
  Tensor t = *Tensor::allocate(DType::kFloat, std::move(dims));
  for (float& v : t.mutable_data<float>()) v = rng.uniform(-1, 1);
  return t;
}

struct SpreadCase {
  std::string name;
  Dims x, w;  // [N, C, in...], [C, filters / group, kernel...]
  std::vector<int64_t> strides, dilations, pads, extra;
  int64_t group = 1;
};
void PrintTo(const SpreadCase& c, std::ostream* out) { *out << c.name; }

OpCase spread(const SpreadCase& c) {
  const size_t axes = c.x.size() - 2;
  const Tensor x = noise(c.x, 1), w = noise(c.w, 2), b = noise({c.w[1] * c.group}, 3);
  Dims dims = {c.x[0], c.w[1] * c.group};
  for (size_t i = 0; i < axes; ++i) {
    dims.push_back(c.strides[i] * (c.x[i + 2] - 1) + c.extra[i] + c.dilations[i] * (c.w[i + 2] - 1) + 1 - c.pads[i] -
                   c.pads[axes + i]);
  }
  const Dims in(c.x.begin() + 2, c.x.end()), kernel(c.w.begin() + 2, c.w.end()), out(dims.begin() + 2, dims.end());
  const int64_t in_plane = *element_count(in), taps = *element_count(kernel), out_plane = *element_count(out);
  const Dims in_steps = row_major_strides(in), tap_steps = row_major_strides(kernel),
             out_steps = row_major_strides(out);
  std::vector<double> y(static_cast<size_t>(*element_count(dims)));
  for (size_t i = 0; i < y.size(); ++i) {
    y[i] = static_cast<double>(b.data<float>()[i / static_cast<size_t>(out_plane) % static_cast<size_t>(dims[1])]);
  }
  const int64_t channels = c.x[1] / c.group;
  for (int64_t n = 0; n < c.x[0] * c.x[1]; ++n) {
    const int64_t image = n / c.x[1], channel = n % c.x[1], group = channel / channels;
    for (int64_t filter = 0; filter < c.w[1]; ++filter) {
      for (int64_t at = 0; at < in_plane * taps; ++at) {
        int64_t place = 0;
        bool inside = true;
        for (size_t k = 0; k < axes; ++k) {
          const int64_t i = at / taps / in_steps[k] % in[k], t = at % taps / tap_steps[k] % kernel[k];
          const int64_t o = i * c.strides[k] + t * c.dilations[k] - c.pads[k];
          inside = inside && o >= 0 && o < out[k];
          place += o * out_steps[k];
        }
        if (!inside) continue;
        const double value = static_cast<double>(x.data<float>()[static_cast<size_t>(n * in_plane + at / taps)]);
        const double weight =
            static_cast<double>(w.data<float>()[static_cast<size_t>((channel * c.w[1] + filter) * taps + at % taps)]);
        y[static_cast<size_t>((image * dims[1] + group * c.w[1] + filter) * out_plane + place)] += value * weight;
      }
    }
  }
  Tensor expected = *Tensor::allocate(DType::kFloat, dims);
  std::transform(y.begin(), y.end(), expected.mutable_data<float>().begin(),
                 [](double v) { return static_cast<float>(v); });
  return {c.name,
          "ConvTranspose",
          11,
          {{"strides", ints(c.strides)},
           {"dilations", ints(c.dilations)},
           {"pads", ints(c.pads)},
           {"output_padding", ints(c.extra)},
           {"group", integer(c.group)}},
          {x, w, b},
          {expected},
          1e-5};
}

std::vector<SpreadCase> spread_cases() {
  return {
      {"OneAxis", {2, 3, 7}, {3, 4, 3}, {2}, {1}, {1, 0}, {1}},
      {"OneAxisPointwise", {1, 5, 9}, {5, 3, 1}, {1}, {1}, {0, 0}, {0}},
      {"Square", {1, 3, 5, 6}, {3, 2, 3, 3}, {2, 2}, {1, 1}, {1, 1, 1, 1}, {1, 1}},
      {"Doubling", {1, 8, 9, 8}, {8, 4, 2, 2}, {2, 2}, {1, 1}, {0, 0, 0, 0}, {0, 0}},
      {"Dilated", {2, 2, 4, 5}, {2, 3, 3, 2}, {1, 3}, {2, 2}, {0, 1, 2, 0}, {0, 2}},
      {"Groups", {1, 6, 4, 4}, {6, 2, 3, 3}, {2, 1}, {1, 1}, {1, 0, 0, 1}, {0, 0}, 3},
      {"Depthwise", {1, 4, 5, 5}, {4, 1, 4, 4}, {2, 2}, {1, 1}, {1, 1, 1, 1}, {0, 0}, 4},
      {"ThreeAxes", {1, 2, 3, 4, 3}, {2, 3, 2, 3, 2}, {2, 1, 2}, {1, 1, 1}, {0, 1, 1, 1, 0, 0}, {0, 0, 1}},
      // A tile of positions ends within a row of the input.
      {"ManyFilters", {1, 2, 40, 41}, {2, 130, 3, 3}, {1, 1}, {1, 1}, {1, 1, 1, 1}, {0, 0}},
      {"CutAway", {1, 1, 3, 3}, {1, 1, 2, 2}, {3, 3}, {1, 1}, {2, 3, 2, 1}, {0, 0}},
  };
}
class Spread : public ::testing::TestWithParam<SpreadCase> {};
TEST_P(Spread, FollowsTheFormula) { check_op(spread(GetParam())); }
INSTANTIATE_TEST_SUITE_P(Cases, Spread, ::testing::ValuesIn(spread_cases()),
                         [](const auto& info) { return info.param.name; });

Tensor three() { return f({1, 1, 3}, {1, 2, 3}); }
const std::vector<OpCase>& size_cases() {
  static const std::vector<OpCase> kCases = {
      {"SameUpper",
       "ConvTranspose",
       11,
       {{"auto_pad", text("SAME_UPPER")}, {"strides", ints({2})}},
       {three(), f({1, 1, 3}, {1, 10, 100})},
       {f({1, 1, 6}, {1, 10, 102, 20, 203, 30})}},
      {"SameLower",
       "ConvTranspose",
       11,
       {{"auto_pad", text("SAME_LOWER")}, {"strides", ints({2})}},
       {three(), f({1, 1, 3}, {1, 10, 100})},
       {f({1, 1, 6}, {10, 102, 20, 203, 30, 300})}},
      {"OutputShape",
       "ConvTranspose",
       11,
       {{"output_shape", ints({8})}, {"strides", ints({2})}},
       {three(), f({1, 1, 3}, {1, 10, 100})},
       {f({1, 1, 8}, {1, 10, 102, 20, 203, 30, 300, 0})}},
      {"Filters",
       "ConvTranspose",
       1,
       {},
       {f({1, 2, 1}, {1, 2}), f({2, 2, 1}, {1, 10, 100, 1000})},
       {f({1, 2, 1}, {201, 2010})}},
      {"Empty", "ConvTranspose", 11, {}, {f({0, 1, 3}, {}), f({1, 2, 2}, {1, 2, 3, 4})}, {f({0, 2, 4}, {})}},
  };
  return kCases;
}
class SpreadSizes : public ::testing::TestWithParam<OpCase> {};
TEST_P(SpreadSizes, ComputeAndInfer) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Cases, SpreadSizes, ::testing::ValuesIn(size_cases()), case_name<OpCase>);

const std::vector<BadCase>& bad_cases() {
  static const std::vector<BadCase> kCases = {
      {"Channels", "ConvTranspose", 11, {}, {three(), f({2, 1, 1}, {1, 1})}, "does not fit"},
      {"Pads", "ConvTranspose", 11, {{"pads", ints({3, 3})}}, {three(), f({1, 1, 1}, {1})}, "pads"},
      {"Bias", "ConvTranspose", 11, {}, {three(), f({1, 1, 1}, {1}), f({2}, {1, 2})}, "bias"},
  };
  return kCases;
}
class BadSpread : public ::testing::TestWithParam<BadCase> {};
TEST_P(BadSpread, IsRefused) { check_bad_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Cases, BadSpread, ::testing::ValuesIn(bad_cases()), case_name<BadCase>);

}  // namespace
}  // namespace halftone::testing
