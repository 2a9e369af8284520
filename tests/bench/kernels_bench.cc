// Speed of single kernels, printed as billions of multiply-accumulates per second (best of several runs).
// Not a test: build it by hand, natively or with emcc, and run it; see CONTRIBUTING.md for flags of the variants.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "core/kernels/conv/conv_f32.h"
#include "core/kernels/conv/conv_int8.h"
#include "core/kernels/dot/dot.h"
#include "core/kernels/dot/operands.h"
#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/gemm/gemm_int8.h"
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
  for (const auto start = Clock::now(); Clock::now() - start < std::chrono::milliseconds(200);) f();
  for (int i = 0; i < 40; ++i) {
    const auto start = Clock::now();
    for (int j = 0; j < inner; ++j) f();
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count() / inner);
  }
  const double best = *std::min_element(seconds.begin(), seconds.end());
  std::printf("%-40s %8.3f ms %8.1f GMAC/s\n", name, best * 1e3, macs / best * 1e-9);
}

// What this machine can do at best: twelve independent chains of one instruction.
__attribute__((noinline)) float madd_chains(int64_t n, float seed) {
  f32x4 acc[12], x = splat(seed);
  for (int i = 0; i < 12; ++i) acc[i] = splat(static_cast<float>(i));
  for (int64_t i = 0; i < n; ++i) {
    for (f32x4& a : acc) {
      a = madd(a, x, x);
      settle(a);
    }
  }
  f32x4 sum = acc[0];
  for (int i = 1; i < 12; ++i) sum += acc[i];
  return sum[0] + sum[1] + sum[2] + sum[3];
}

template <DotKind kKind>
__attribute__((noinline)) int32_t dot_chains(int64_t n, int32_t seed) {
  i8x16 w = reinterpret_cast<i8x16>(splat(seed)), x = reinterpret_cast<i8x16>(splat(seed ^ 0x01020304));
  i32x4 acc[12] = {};
  for (int64_t i = 0; i < n; ++i) {
    for (i32x4& a : acc) {
      settle(x);  // the product is no constant
      a = Dot<kKind>::add(a, w, x);
      settle(a);
    }
  }
  i32x4 sum = acc[0];
  for (int i = 1; i < 12; ++i) sum = wrapping_add(sum, acc[i]);
  return sum[0];
}

void bench_limits(DotKind dot) {
  volatile float sink = 0.5f;
  volatile int32_t sum = 0x11223344;
  measure("limit of f32 madd", 48e4, [&] { sink = madd_chains(10000, sink > 0 ? 0.5f : 0.25f); });
  measure("limit of int16 dot", 96e4, [&] { sum = dot_chains<DotKind::kNone>(10000, sum); });
  if (dot == DotKind::kNone) return;
  measure("limit of int8 dot", 192e4,
          [&] { sum = with_dot(dot, [&]<DotKind kKind>() { return dot_chains<kKind>(10000, sum); }); });
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

struct ConvLayer {
  const char* name;
  ConvGeometry geometry;
};

// Layers of MobileNetV2 and ResNet-50 at 224 x 224.
const ConvLayer kLayers[] = {
    {"3x3 s2 3->32 @224",
     {.channels = 3,
      .filters = 32,
      .in = {1, 224, 224},
      .out = {1, 112, 112},
      .kernel = {1, 3, 3},
      .stride = {1, 2, 2},
      .pad = {0, 1, 1}}},
    {"1x1 32->16 @112", {.channels = 32, .filters = 16, .in = {1, 112, 112}, .out = {1, 112, 112}}},
    {"1x1 16->96 @112", {.channels = 16, .filters = 96, .in = {1, 112, 112}, .out = {1, 112, 112}}},
    {"1x1 144->24 @56", {.channels = 144, .filters = 24, .in = {1, 56, 56}, .out = {1, 56, 56}}},
    {"1x1 384->64 @14", {.channels = 384, .filters = 64, .in = {1, 14, 14}, .out = {1, 14, 14}}},
    {"1x1 960->160 @7", {.channels = 960, .filters = 160, .in = {1, 7, 7}, .out = {1, 7, 7}}},
    {"dw 3x3 96 s2 @112",
     {.groups = 96,
      .in = {1, 112, 112},
      .out = {1, 56, 56},
      .kernel = {1, 3, 3},
      .stride = {1, 2, 2},
      .pad = {0, 1, 1}}},
    {"dw 3x3 144 @56", {.groups = 144, .in = {1, 56, 56}, .out = {1, 56, 56}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}}},
    {"dw 3x3 960 @7", {.groups = 960, .in = {1, 7, 7}, .out = {1, 7, 7}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}}},
    {"3x3 64->64 @56",
     {.channels = 64, .filters = 64, .in = {1, 56, 56}, .out = {1, 56, 56}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}}},
    {"3x3 256->256 @14",
     {.channels = 256, .filters = 256, .in = {1, 14, 14}, .out = {1, 14, 14}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}}},
    {"3x3 512->512 @7",
     {.channels = 512, .filters = 512, .in = {1, 7, 7}, .out = {1, 7, 7}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}}},
};

double macs_of(const ConvGeometry& g) {
  return double(g.batch * g.groups * g.filters * g.out_plane()) * double(g.depth());
}

void bench_conv_f32(const ConvLayer& layer) {
  const ConvGeometry& g = layer.geometry;
  std::vector<float> x(static_cast<size_t>(g.in_channels() * g.in_plane()), 0.5f),
      w(static_cast<size_t>(g.out_channels() * g.depth()), 0.25f), bias(static_cast<size_t>(conv_bias_size(g))),
      y(static_cast<size_t>(g.out_channels() * g.out_plane())), packed(static_cast<size_t>(conv_f32_packed_size(g)));
  pack_conv_f32(g, w.data(), packed.data());
  std::vector<int64_t> scratch(static_cast<size_t>(conv_f32_scratch_bytes(g) / 8 + 8));
  char name[64];
  std::snprintf(name, sizeof(name), "conv_f32 %s", layer.name);
  measure(name, macs_of(g), [&] {
    conv_f32(g, {x.data(), packed.data(), bias.data(), nullptr, 0, 6, y.data()}, scratch.data());
  });
}

void bench_conv_int8(const ConvLayer& layer, DotKind kind) {
  const ConvGeometry& g = layer.geometry;
  std::vector<uint8_t> x(static_cast<size_t>(g.in_channels() * g.in_plane()), 77),
      y(static_cast<size_t>(g.out_channels() * g.out_plane()));
  const std::vector<int16_t> w(static_cast<size_t>(g.out_channels() * g.depth()), 55);
  const std::vector<float> multiplier(static_cast<size_t>(conv_bias_size(g)), 1e-3f);
  const ActivationForm form{kind, false, 11};
  auto weights = pack_conv_int8(g, w, {}, form);
  std::vector<int64_t> scratch(static_cast<size_t>(conv_int8_scratch_bytes(g, form) / 8 + 8));
  char name[64];
  std::snprintf(name, sizeof(name), "conv_int8 %s %s", std::string(dot_kind_name(kind)).c_str(), layer.name);
  measure(name, macs_of(g), [&] {
    conv_int8(g, {x.data(), form, *weights, multiplier.data(), {0, 0, 255}, false, true, y.data()}, scratch.data());
  });
}

void bench_gemm_int8(int64_t m, int64_t n, int64_t k, DotKind kind) {
  const std::vector<int16_t> w(static_cast<size_t>(n * k), 55);
  const std::vector<float> multiplier(static_cast<size_t>(n + 8), 1e-3f);
  const ActivationForm form{kind, false, 11};
  auto panels = pack_weight_panels(w, n, k, {}, form);
  std::vector<uint8_t> a(static_cast<size_t>(m * panels->units * 4), 9), c(static_cast<size_t>(m * n));
  char name[64];
  std::snprintf(name, sizeof(name), "gemm_int8 %s %dx%dx%d", std::string(dot_kind_name(kind)).c_str(), int(m), int(n),
                int(k));
  measure(name, double(m) * double(n) * double(k), [&] {
    gemm_int8({kind,
               m,
               n,
               panels->units,
               a.data(),
               panels->bytes.bytes(),
               panels->bias.data<int32_t>().data(),
               multiplier.data(),
               {0, 0, 255},
               false,
               true,
               c.data(),
               n});
  });
}

}  // namespace
}  // namespace halftone

int main() {
  using namespace halftone;
  const DotKind dot = dot_kind();
  std::printf("dot: %s\n", std::string(dot_kind_name(dot)).c_str());
  bench_limits(dot);
  bench_gemm(240, 512, 512);
  bench_gemm(96, 3136, 64);
  bench_gemm(512, 49, 4608);
  bench_gemm(1, 1000, 1280);
  bench_gemm_int8(240, 512, 512, DotKind::kNone);
  if (dot != DotKind::kNone) bench_gemm_int8(240, 512, 512, dot);
  for (const ConvLayer& layer : kLayers) {
    bench_conv_f32(layer);
    bench_conv_int8(layer, DotKind::kNone);
    if (dot != DotKind::kNone) bench_conv_int8(layer, dot);
  }
}
