// Speed of single kernels, printed as billions of multiply-accumulates per second (best of several runs).
// Not a test: build it by hand, natively or with emcc, and run it; see CONTRIBUTING.md for flags of the variants.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <vector>

#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

template <typename F>
void measure(const char* name, double macs, F f) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> seconds;
  const int inner = std::max(1, static_cast<int>(2e7 / macs));
  // The first runs are for the engine to compile what is hot.
  for (const auto start = Clock::now(); Clock::now() - start < std::chrono::milliseconds(300);) f();
  for (int i = 0; i < 100; ++i) {
    const auto start = Clock::now();
    for (int j = 0; j < inner; ++j) f();
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count() / inner);
  }
  const double best = *std::min_element(seconds.begin(), seconds.end());
  std::printf("%-40s %8.3f ms %8.1f GMAC/s\n", name, best * 1e3, macs / best * 1e-9);
}

// What this machine can do at best: twelve independent chains of madd.
__attribute__((noinline)) float madd_chains(int64_t n, float seed) {
  f32x4 acc[12], x = splat(seed);
  for (int i = 0; i < 12; ++i) acc[i] = splat(static_cast<float>(i));
  for (int64_t i = 0; i < n; ++i) {
    for (f32x4& a : acc) a = madd(a, x, x);
  }
  f32x4 sum = acc[0];
  for (int i = 1; i < 12; ++i) sum += acc[i];
  return sum[0] + sum[1] + sum[2] + sum[3];
}

void bench_limit() {
  volatile float sink = 0.5f;
  measure("limit of f32 madd", 48e5, [&] { sink = madd_chains(100000, sink > 0 ? 0.5f : 0.25f); });
}

void bench_gemm(int64_t m, int64_t n, int64_t k) {
  std::vector<float> a(static_cast<size_t>(m * k), 0.5f), b(static_cast<size_t>(k * n), 0.25f),
      c(static_cast<size_t>(m * n)), packed(static_cast<size_t>(packed_b_f32_size(k, n)));
  pack_b_f32(b.data(), k, n, n, 1, 1.0f, packed.data());
  char name[64];
  std::snprintf(name, sizeof(name), "gemm_f32 %dx%dx%d", int(m), int(n), int(k));
  measure(name, double(m) * double(n) * double(k), [&] {
    gemm_f32({m, n, k, a.data(), k, packed.data(), c.data(), n, false, nullptr, -kInf, kInf});
  });
}

}  // namespace
}  // namespace halftone

int main() {
  using namespace halftone;
  bench_limit();
  bench_gemm(240, 512, 512);
  bench_gemm(96, 3136, 64);
  bench_gemm(512, 49, 4608);
  bench_gemm(1, 1000, 1280);
}
