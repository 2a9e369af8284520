// Speed of single kernels, printed as billions of multiply-accumulates per second and as a share of the limit of their
// instruction (measure.h). Not a test: `npm run bench -- --kernels`, or target kernels_bench natively.
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/kernels/conv/conv_f32.h"
#include "core/kernels/conv/conv_int8.h"
#include "core/kernels/dot/dot.h"
#include "core/kernels/dot/operands.h"
#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/gemm/gemm_int8.h"
#include "tests/bench/measure.h"

namespace halftone {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

template <typename T>
std::vector<T> filled(int64_t n, T value) {
  return std::vector<T>(static_cast<size_t>(n), value);
}

std::string int8_name(const char* what, DotKind kind, const std::string& size) {
  return std::string(what) + " " + std::string(dot_kind_name(kind)) + " " + size;
}

struct GemmSize {
  int64_t m, n, k;

  double macs() const { return double(m) * double(n) * double(k); }
  std::string name() const { return std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k); }
};

Contestant gemm_f32_contestant(GemmSize s) {
  const auto b = filled(s.k * s.n, 0.25f);
  auto packed = filled(packed_b_f32_size(s.k, s.n), 0.0f);
  pack_b_f32(b.data(), s.k, s.n, s.n, 1, 1.0f, packed.data());
  return {"gemm_f32 " + s.name(), Limit::kMadd, s.macs(),
          [s, packed, a = filled(s.m * s.k, 0.5f), c = filled(s.m * s.n, 0.0f)]() mutable {
            gemm_f32({s.m, s.n, s.k, a.data(), s.k, packed.data(), c.data(), s.n, false, nullptr, -kInf, kInf});
          }};
}

Contestant gemm_int8_contestant(GemmSize s, DotKind kind) {
  const auto w = filled<int16_t>(s.n * s.k, 55);
  const WeightUnits panels = *pack_weight_panels(w, s.n, s.k, {}, {kind, false, 11});
  return {int8_name("gemm_int8", kind, s.name()), limit_of(kind), s.macs(),
          [s, kind, panels, multiplier = filled(s.n + 8, 1e-3f), a = filled<uint8_t>(s.m * panels.units * 4, 9),
           c = filled<uint8_t>(s.m * s.n, 0)]() mutable {
            gemm_int8({kind,
                       s.m,
                       s.n,
                       panels.units,
                       a.data(),
                       panels.bytes.bytes(),
                       panels.bias.data<int32_t>().data(),
                       multiplier.data(),
                       {0, 0, 255},
                       false,
                       true,
                       c.data(),
                       s.n});
          }};
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

Contestant conv_f32_contestant(const ConvLayer& layer) {
  const ConvGeometry& g = layer.geometry;
  const auto w = filled(g.out_channels() * g.depth(), 0.25f);
  auto packed = filled(conv_f32_packed_size(g), 0.0f);
  pack_conv_f32(g, w.data(), packed.data());
  return {std::string("conv_f32 ") + layer.name, Limit::kMadd, macs_of(g),
          [&g, packed, x = filled(g.in_channels() * g.in_plane(), 0.5f), bias = filled(conv_bias_size(g), 0.0f),
           y = filled(g.out_channels() * g.out_plane(), 0.0f),
           scratch = filled<int64_t>(conv_f32_scratch_bytes(g) / 8 + 8, 0)]() mutable {
            conv_f32(g, {x.data(), packed.data(), bias.data(), nullptr, 0, 6, y.data()}, scratch.data());
          }};
}

Contestant conv_int8_contestant(const ConvLayer& layer, DotKind kind) {
  const ConvGeometry& g = layer.geometry;
  const ActivationForm form{kind, false, 11};
  const WeightUnits weights = *pack_conv_int8(g, filled<int16_t>(g.out_channels() * g.depth(), 55), {}, form);
  return {int8_name("conv_int8", kind, layer.name), limit_of(kind), macs_of(g),
          [&g, form, weights, multiplier = filled(conv_bias_size(g), 1e-3f),
           x = filled<uint8_t>(g.in_channels() * g.in_plane(), 77),
           y = filled<uint8_t>(g.out_channels() * g.out_plane(), 0),
           scratch = filled<int64_t>(conv_int8_scratch_bytes(g, form) / 8 + 8, 0)]() mutable {
            conv_int8(g,
                      {x.data(),
                       form,
                       weights.bytes.bytes(),
                       weights.bias.data<int32_t>().data(),
                       multiplier.data(),
                       {0, 0, 255},
                       false,
                       true,
                       y.data()},
                      scratch.data());
          }};
}

void bench_gemm(GemmSize s) {
  std::vector<Contestant> all = {gemm_f32_contestant(s), gemm_int8_contestant(s, DotKind::kNone)};
  if (dot_kind() != DotKind::kNone) all.push_back(gemm_int8_contestant(s, dot_kind()));
  race(std::move(all));
}

void bench_conv(const ConvLayer& layer) {
  std::vector<Contestant> all = {conv_f32_contestant(layer), conv_int8_contestant(layer, DotKind::kNone)};
  if (dot_kind() != DotKind::kNone) all.push_back(conv_int8_contestant(layer, dot_kind()));
  race(std::move(all));
}

}  // namespace
}  // namespace halftone

int main() {
  using namespace halftone;
  print_product_limits();
  for (const GemmSize& s : {GemmSize{240, 512, 512}, {96, 3136, 64}, {512, 49, 4608}, {1, 1000, 1280}}) bench_gemm(s);
  for (const ConvLayer& layer : kLayers) bench_conv(layer);
}
