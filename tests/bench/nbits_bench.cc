// Speed of products with block-quantized weights beside the float product of the same size, in billions of
// multiply-accumulates per second and as a share of the limit of their instruction (measure.h).
// Not a test: `npm run bench -- --kernels`, or target nbits_bench natively.
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/gemm/gemm_nbits.h"
#include "tests/bench/measure.h"

namespace halftone {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

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
  const double macs = double(m) * double(n) * double(k);
  const std::string size = " " + std::to_string(m) + "x" + std::to_string(n) + "x" + std::to_string(k);
  std::vector<Contestant> all;
  all.push_back({"gemm_f32" + size, Limit::kMadd, macs, [&] {
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
                   integer ? limit_of(w.w.kind) : Limit::kMadd, macs,
                   [g, integer, &w] { (integer ? gemm_nbits_int8 : gemm_nbits_f32)(g, w.scratch.data()); }});
  };
  for (int bits : {4, 8, 2}) {
    add(bits, false, DotKind::kNone);
    add(bits, true, DotKind::kNone);
    if (dot_kind() != DotKind::kNone) add(bits, true, dot_kind());
  }
  race(std::move(all));
}

}  // namespace
}  // namespace halftone

int main() {
  using namespace halftone;
  print_product_limits();
  for (int64_t m : {1, 2, 64}) bench(m, 1024, 1024, 32);
  for (int64_t m : {1, 64}) bench(m, 1024, 1024, 128);
}
