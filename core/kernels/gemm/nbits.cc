// Packing of block-quantized weights; see the header.
#include "core/kernels/gemm/nbits.h"

#include <algorithm>

#include "core/kernels/quant/quantize.h"

namespace halftone {
namespace {

// Adds the code of column c (of 8) and k = i to its block in a panel.
void put_code(uint8_t* panel_block, int bits, int64_t c, int64_t i, uint32_t code) {
  const int64_t unit = i / 4, byte = c % 4 * 4 + i % 4;
  const int64_t field = c / 4 + (bits == 2 ? unit % 2 * 2 : 0);
  if (bits == 8) {
    panel_block[32 * unit + 16 * field + byte] = static_cast<uint8_t>(code);
    return;
  }
  uint8_t& to = panel_block[(bits == 4 ? unit : unit / 2) * 16 + byte];
  to = static_cast<uint8_t>(to | code << (field * bits));
}

// Values [n][blocks] as [panels][blocks][8], zeros where n has no such column.
Result<Tensor> by_panel(const NBitsShape& s, std::span<const float> values, float minus) {
  HT_ASSIGN(Tensor out, Tensor::allocate(DType::kFloat, {s.panels(), s.blocks(), 8}, "packed scales"));
  auto to = out.mutable_data<float>();
  std::fill(to.begin(), to.end(), 0.0f);
  for (int64_t n = 0; n < s.n; ++n) {
    for (int64_t b = 0; b < s.blocks(); ++b) {
      to[static_cast<size_t>((n / 8 * s.blocks() + b) * 8 + n % 8)] =
          values[static_cast<size_t>(n * s.blocks() + b)] - minus;
    }
  }
  return out;
}

}  // namespace

__attribute__((noinline)) void load_columns(const float* from, int64_t columns, f32x4 (&to)[2]) {
  float row[8] = {};
  for (int64_t j = 0; from != nullptr && j < columns; ++j) row[j] = from[j];
  to[0] = load<f32x4>(row);
  to[1] = load<f32x4>(row + 4);
}

__attribute__((noinline)) void store_columns(const f32x4 (&from)[2], int64_t columns, float lo, float hi, float* to) {
  float row[8];
  float* whole = columns == 8 ? to : row;
  store(whole, min(max(from[0], splat(lo)), splat(hi)));
  store(whole + 4, min(max(from[1], splat(lo)), splat(hi)));
  for (int64_t j = 0; columns < 8 && j < columns; ++j) to[j] = row[j];
}

DotKind nbits_dot(DotKind machine, int bits) {
  // 127 * 255 twice does not fit the 16 bits that i7 adds pairs in.
  return bits == 8 && machine == DotKind::kI7 ? DotKind::kNone : machine;
}

Result<NBitsWeights> pack_nbits(const NBitsShape& s, const uint8_t* codes, std::span<const float> scale,
                                std::span<const float> zero, bool integer, DotKind machine) {
  NBitsWeights w;
  w.shape = s;
  w.kind = integer ? nbits_dot(machine, s.bits) : DotKind::kNone;
  // sdot reads bytes as signed: codes and their zero point move down by 128.
  const uint32_t flip = s.bits == 8 && w.kind == DotKind::kSdot ? 0x80 : 0;
  const float minus = static_cast<float>(flip);
  HT_ASSIGN(w.bytes, Tensor::allocate(DType::kUint8, {s.panels(), s.panel_bytes()}, "packed weights"));
  std::fill_n(w.bytes.mutable_bytes(), w.bytes.byte_size(), uint8_t{0});
  for (int64_t n = 0; n < s.n; ++n) {
    uint8_t* panel = w.bytes.mutable_bytes() + n / 8 * s.panel_bytes();
    for (int64_t i = 0; i < s.padded_k(); ++i) {
      const auto code = static_cast<uint32_t>(packed_get(codes, n * s.padded_k() + i, s.bits, false));
      put_code(panel + i / s.block * s.block_bytes(), s.bits, n % 8, i % s.block, code ^ flip);
    }
  }
  HT_ASSIGN(w.scale, by_panel(s, scale, 0));
  if (zero.empty()) {
    const std::vector<float> middle(8, static_cast<float>(1 << (s.bits - 1)) - minus);
    w.zero = Tensor::of<float>({8}, std::span<const float>(middle));
  } else {
    HT_ASSIGN(w.zero, by_panel(s, zero, minus));
    w.zero_step = 8;
  }
  return w;
}

}  // namespace halftone
