// Speed of kernels that touch each element once: billions of bytes read and written per second, and their share of
// what copying reaches (measure.h; everything within the second-level cache).
// Not a test: `npm run bench -- --kernels`, or target memory_bench natively.
#include <cmath>
#include <vector>

#include "core/kernels/eltwise/binary.h"
#include "core/kernels/eltwise/unary.h"
#include "core/kernels/move/transpose.h"
#include "core/kernels/pool/pool_channels_last.h"
#include "core/kernels/quant/binary_int8.h"
#include "core/kernels/quant/quantize.h"
#include "core/kernels/reduce/normalize.h"
#include "core/kernels/reduce/softmax.h"
#include "core/kernels/resize/resample.h"
#include "tests/bench/measure.h"

namespace halftone {
namespace {

// Elements of a tensor: 56 x 56 x 24.
constexpr int64_t kElements = 75264;

// `bytes`: read and written by one call of f.
template <typename F>
void measure(const char* name, int64_t bytes, F f) {
  race({{name, Limit::kCopy, double(bytes), f}});
}

std::vector<uint8_t> bytes_of(int64_t n) {
  std::vector<uint8_t> v(static_cast<size_t>(n));
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<uint8_t>(i * 37 + (i >> 8));
  return v;
}

std::vector<float> floats_of(int64_t n) {
  std::vector<float> v(static_cast<size_t>(n));
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(i % 251) * 0.05f - 5;
  return v;
}

void bench_quantize() {
  constexpr int64_t n = kElements;
  auto x = floats_of(n), back = floats_of(n);
  auto y = bytes_of(n);
  std::vector<int16_t> wide(static_cast<size_t>(n));
  measure("quantize f32 -> u8", 5 * n, [&] { quantize_run(x.data(), n, 0.05f, 100, y.data()); });
  measure("quantize f32 -> s16", 6 * n, [&] { quantize_run(x.data(), n, 0.05f, 100, wide.data()); });
  measure("dequantize u8 -> f32", 5 * n, [&] { dequantize_run(y.data(), n, 0.05f, 100, back.data()); });
  volatile float sink = 0;
  measure("smallest and largest f32", 4 * n, [&] { sink = extent_around_zero(x.data(), n).high; });
}

void bench_binary_int8() {
  constexpr int64_t n = kElements, channels = 24;
  const auto x = bytes_of(n), z = bytes_of(n), table = bytes_of(256);
  auto y = bytes_of(n);
  const ByteOperand a{x.data(), 1, 0, 120, 0.013f}, b{z.data(), 1, 0x80, 131, 0.021f};
  const ByteResult r{0.027f, {100, 0, 255}, 0};
  measure("add u8 + s8 -> u8", 3 * n, [&] { binary_int8_run(BinaryInt8::kAdd, a, b, n, r, y.data()); });
  measure("mul u8 * s8 -> u8", 3 * n, [&] { binary_int8_run(BinaryInt8::kMul, a, b, n, r, y.data()); });
  measure("mul u8 * one s8", 2 * n, [&] {
    binary_int8_run(BinaryInt8::kMul, a, {z.data(), 0, 0x80, 131, 0.021f}, n, r, y.data());
  });
  measure("mul u8 [.., 24] * u8 [24]", 2 * n, [&] {
    for (int64_t i = 0; i < n; i += channels) {
      binary_int8_run(BinaryInt8::kMul, {x.data() + i, 1, 0, 120, 0.013f}, b, channels, r, y.data() + i);
    }
  });
  measure("table of 256 bytes", 2 * n, [&] { table_run(x.data(), n, table.data(), y.data()); });
}

// Channels-last, as the layers of a network have them.
void bench_pool() {
  constexpr int64_t channels = 64;
  const PoolGeometry window{.in = {1, 56, 56},
                            .out = {1, 28, 28},
                            .kernel = {1, 3, 3},
                            .stride = {1, 2, 2},
                            .pad = {0, 1, 1},
                            .pad_end = {0, 1, 1}};
  const int64_t in = window.in_plane() * channels, out = window.out_plane() * channels;
  const auto x = bytes_of(in);
  const auto reals = floats_of(in);
  auto y = bytes_of(out);
  auto real_y = floats_of(out);
  measure("max pool 3x3 s2 u8", in + out, [&] { max_pool_channels_last(window, channels, x.data(), y.data()); });
  measure("max pool 3x3 s2 f32", 4 * (in + out),
          [&] { max_pool_channels_last(window, channels, reals.data(), real_y.data()); });
  const PoolRequant q{0.9f, 3, 120};
  measure("average pool 3x3 s2 u8", in + out, [&] {
    average_pool_channels_last_int8(window, channels, false, q, {x.data(), false, y.data(), false});
  });
  const PoolGeometry whole = global_geometry(1, 49);
  measure("global average u8 7x7x1280", 50 * 1280, [&] {
    average_pool_channels_last_int8(whole, 1280, false, q, {x.data(), false, y.data(), false});
  });
  measure("global average f32 7x7x1280", 200 * 1280,
          [&] { average_pool_channels_last_f32(whole, 1280, reals.data(), false, real_y.data()); });
}

void bench_moves() {
  constexpr int64_t pixels = 3136, channels = 24, n = pixels * channels, image = 112 * 112;
  const auto x = bytes_of(n);
  const auto reals = floats_of(n);
  auto y = bytes_of(n);
  auto real_y = floats_of(2 * n);
  const auto* words = reinterpret_cast<const uint32_t*>(reals.data());
  auto* out = reinterpret_cast<uint32_t*>(real_y.data());
  measure("transpose u8 24 x 3136", 2 * n,
          [&] { transpose_matrix(y.data(), channels, x.data(), pixels, pixels, channels); });
  measure("transpose u8 3136 x 24", 2 * n,
          [&] { transpose_matrix(y.data(), pixels, x.data(), channels, channels, pixels); });
  measure("transpose f32 24 x 3136", 8 * n, [&] { transpose_matrix(out, channels, words, pixels, pixels, channels); });
  measure("transpose f32 3136 x 24", 8 * n, [&] { transpose_matrix(out, pixels, words, channels, channels, pixels); });
  measure("interleave three planes f32", 24 * image, [&] { transpose_matrix(out, 3, words, image, image, 3); });
  measure("interleave three planes u8", 6 * image, [&] { transpose_matrix(y.data(), 3, x.data(), image, image, 3); });
  const std::vector<double> places = {0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3};
  const Taps taps = make_taps(places, 4, 2, {});
  measure("resize linear f32 [56, 4 -> 8, 14 * 24]", 4 * 3 * 56 * 4 * 336,
          [&] { resample_axis_f32(reals.data(), 56, 4, 336, taps, real_y.data()); });
}

void bench_float() {
  constexpr int64_t n = kElements / 2, channels = 24;
  const auto x = floats_of(n), z = floats_of(n);
  auto y = floats_of(n);
  const BinaryRow add = binary_row(Binary::kAdd, DType::kFloat);
  measure("add f32", 12 * n, [&] { add(x.data(), 1, z.data(), 1, y.data(), n); });
  measure("add f32 [.., 24] + [24]", 8 * n, [&] {
    for (int64_t i = 0; i < n; i += channels) add(x.data() + i, 1, z.data(), 1, y.data() + i, channels);
  });
  const struct {
    const char* name;
    Unary function;
  } functions[] = {{"relu f32", Unary::kRelu},
                   {"hard swish f32", Unary::kHardSwish},
                   {"sigmoid f32", Unary::kSigmoid},
                   {"tanh f32", Unary::kTanh},
                   {"gelu f32", Unary::kGelu},
                   {"exp f32", Unary::kExp},
                   {"elu f32", Unary::kElu},
                   {"softplus f32", Unary::kSoftplus},
                   {"leaky relu f32", Unary::kLeakyRelu},
                   {"sqrt f32", Unary::kSqrt}};
  for (const auto& [name, function] : functions) {
    const UnaryRow row = unary_row(function, DType::kFloat);
    measure(name, 8 * n, [&] { row(x.data(), y.data(), n, {0.1f, 0.5f}); });
  }
  measure("softmax f32 [192, 196]", 8 * 192 * 196, [&] { softmax_f32(x.data(), 192, 196, 1, y.data()); });
  measure("layer normalization f32 [49, 768]", 8 * 49 * 768, [&] {
    for (int64_t i = 0; i < 49; ++i) {
      const Moments m = moments_f32(x.data() + i * 768, 768);
      normalize_f32(x.data() + i * 768, 768, float(m.mean), 1 / std::sqrt(float(m.variance)), z.data(), z.data() + 768,
                    y.data() + i * 768);
    }
  });
}

}  // namespace
}  // namespace halftone

int main() {
  using namespace halftone;
  print_limits({Limit::kCopy});
  bench_quantize();
  bench_binary_int8();
  bench_pool();
  bench_moves();
  bench_float();
}
