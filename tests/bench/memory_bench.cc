// Speed of kernels that touch each element once: billions of bytes read and written per second, and their share of
// what copying reaches here on as many bytes (best of several runs, everything within the second-level cache).
// Not a test: build it by hand, natively or with emcc, like kernels_bench.cc.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "core/kernels/quant/binary_int8.h"
#include "core/kernels/quant/quantize.h"
#include "core/kernels/short_copy.h"

namespace halftone {
namespace {

// Elements of a tensor: 56 x 56 x 24.
constexpr int64_t kElements = 75264;

template <typename F>
double best_seconds(F f) {
  using Clock = std::chrono::steady_clock;
  // The first runs are for the engine to compile what is hot.
  for (const auto start = Clock::now(); Clock::now() - start < std::chrono::milliseconds(150);) f();
  double best = 1e9;
  for (int i = 0; i < 60; ++i) {
    const auto start = Clock::now();
    for (int j = 0; j < 10; ++j) f();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count() / 10);
  }
  return best;
}

double copy_limit() {
  static const double limit = [] {
    std::vector<uint8_t> x(2 * kElements, 1), y(x.size());
    return 2e-9 * double(x.size()) / best_seconds([&] { copy_short(y.data(), x.data(), int64_t(x.size())); });
  }();
  return limit;
}

// `bytes`: read and written by one call of f.
template <typename F>
void measure(const char* name, int64_t bytes, F f) {
  const double seconds = best_seconds(f), rate = double(bytes) / seconds * 1e-9;
  std::printf("%-40s %8.4f ms %7.1f GB/s %5.0f %% of copying\n", name, seconds * 1e3, rate, rate / copy_limit() * 100);
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

}  // namespace
}  // namespace halftone

int main() {
  using namespace halftone;
  std::printf("copying: %.1f GB/s read and written\n", copy_limit());
  bench_quantize();
  bench_binary_int8();
}
