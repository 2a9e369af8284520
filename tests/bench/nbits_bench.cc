// Speed of products with block-quantized weights beside the float product of the same size, in billions of
// multiply-accumulates per second. Kernels take turns, so that a busy machine slows all of them alike; the best run
// counts. Not a test: build it by hand, natively or with emcc, as kernels_bench.cc.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/gemm/gemm_nbits.h"

namespace halftone {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

struct Candidate {
  std::string name;
  std::function<void()> run;
  double best = 1e9;
};

void race(std::vector<Candidate>& all, double macs) {
  using Clock = std::chrono::steady_clock;
  const int inner = std::max(1, static_cast<int>(2e7 / macs));
  for (int round = 0; round < 60; ++round) {
    for (Candidate& c : all) {
      const auto start = Clock::now();
      for (int j = 0; j < inner; ++j) c.run();
      c.best = std::min(c.best, std::chrono::duration<double>(Clock::now() - start).count() / inner);
    }
  }
  for (const Candidate& c : all) {
    std::printf("%-36s %8.3f ms %8.1f GMAC/s\n", c.name.c_str(), c.best * 1e3, macs / c.best * 1e-9);
  }
}

struct NBits {
  NBitsWeights w;
  std::vector<double> scratch;
};

NBits prepare(const NBitsShape& s, int64_t m, bool integer, DotKind dot) {
  const std::vector<uint8_t> codes(static_cast<size_t>(s.n * s.padded_k() * s.bits / 8), 0x5a);
  const std::vector<float> scale(static_cast<size_t>(s.n * s.blocks()), 0.01f);
  const int64_t bytes = integer ? *gemm_nbits_int8_scratch(s, m) : *gemm_nbits_f32_scratch(s, m);
  return {*pack_nbits(s, codes.data(), scale, {}, integer, dot),
          std::vector<double>(static_cast<size_t>(bytes / 8 + 2))};
}

void bench(int64_t m, int64_t n, int64_t k, int64_t block) {
  const std::vector<float> a(static_cast<size_t>(m * k), 0.5f), b(static_cast<size_t>(k * n), 0.25f);
  std::vector<float> c(static_cast<size_t>(m * n)), packed(static_cast<size_t>(packed_b_f32_size(k, n)));
  pack_b_f32(b.data(), k, n, n, 1, 1.0f, packed.data());
  const std::string size = " " + std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k);
  std::vector<Candidate> all;
  all.push_back({"gemm_f32" + size, [&] {
                   gemm_f32({m, n, k, a.data(), k, packed.data(), c.data(), n, false, nullptr, -kInf, kInf});
                 }});
  std::vector<NBits> weights;
  weights.reserve(16);
  const auto add = [&](int bits, bool integer, DotKind dot) {
    weights.push_back(prepare({bits, n, k, block}, m, integer, dot));
    NBits& w = weights.back();
    const GemmNBits g{w.w, m, a.data(), nullptr, c.data(), -kInf, kInf};
    all.push_back({(integer ? "int8 " + std::string(dot_kind_name(w.w.kind)) : "f32") + " " + std::to_string(bits) +
                       " bits" + size + " block " + std::to_string(block),
                   [g, integer, &w] { (integer ? gemm_nbits_int8 : gemm_nbits_f32)(g, w.scratch.data()); }});
  };
  for (int bits : {4, 8, 2}) {
    add(bits, false, DotKind::kNone);
    add(bits, true, DotKind::kNone);
    if (dot_kind() != DotKind::kNone) add(bits, true, dot_kind());
  }
  race(all, double(m) * double(n) * double(k));
}

}  // namespace
}  // namespace halftone

int main() {
  using namespace halftone;
  std::printf("dot: %s\n", std::string(dot_kind_name(dot_kind())).c_str());
  for (int64_t m : {1, 2, 64}) bench(m, 1024, 1024, 32);
  for (int64_t m : {1, 64}) bench(m, 1024, 1024, 128);
}
