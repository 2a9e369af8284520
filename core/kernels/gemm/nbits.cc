// Packing of block-quantized weights; see the header.
#include "core/kernels/gemm/nbits.h"

#include <algorithm>

#include "core/kernels/quant/quantize.h"

namespace halftone {
namespace {

// Where the code of column c (of 8) and k = i is in its block of a panel.
struct CodePlace {
  int64_t byte;
  int shift;
};

CodePlace code_place(int bits, int64_t c, int64_t i) {
  const int64_t unit = i / 4, byte = c % 4 * 4 + i % 4;
  const int64_t field = c / 4 + (bits == 2 ? unit % 2 * 2 : 0);
  if (bits == 8) return {32 * unit + 16 * field + byte, 0};
  return {(bits == 4 ? unit : unit / 2) * 16 + byte, static_cast<int>(field) * bits};
}

// sdot reads bytes as signed: codes and their zero point move down by 128.
uint32_t code_flip(int bits, DotKind kind) { return bits == 8 && kind == DotKind::kSdot ? 0x80 : 0; }

// Calls f(index of the code, byte in the panels, shift) for every code.
template <typename F>
void for_each_code(const NBitsShape& s, F&& f) {
  for (int64_t n = 0; n < s.n; ++n) {
    for (int64_t i = 0; i < s.padded_k(); ++i) {
      const CodePlace p = code_place(s.bits, n % 8, i % s.block);
      f(n * s.padded_k() + i, n / 8 * s.panel_bytes() + i / s.block * s.block_bytes() + p.byte, p.shift);
    }
  }
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
  const uint32_t flip = code_flip(s.bits, w.kind);
  const float minus = static_cast<float>(flip);
  HT_ASSIGN(w.bytes, Tensor::allocate(DType::kUint8, {s.panels(), s.panel_bytes()}, "packed weights"));
  std::fill_n(w.bytes.mutable_bytes(), w.bytes.byte_size(), uint8_t{0});
  uint8_t* panels = w.bytes.mutable_bytes();
  for_each_code(s, [&](int64_t code, int64_t at, int shift) {
    const auto value = static_cast<uint32_t>(packed_get(codes, code, s.bits, false));
    panels[at] = static_cast<uint8_t>(panels[at] | (value ^ flip) << shift);
  });
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

void unpack_nbits(const NBitsShape& s, DotKind kind, const uint8_t* panels, uint8_t* codes) {
  const uint32_t flip = code_flip(s.bits, kind), mask = (1u << s.bits) - 1;
  const int64_t per_byte = 8 / s.bits;
  std::fill_n(codes, s.n * s.padded_k() / per_byte, uint8_t{0});
  for_each_code(s, [&](int64_t code, int64_t at, int shift) {
    const uint32_t value = (static_cast<uint32_t>(panels[at]) >> shift & mask) ^ flip;
    uint8_t& to = codes[code / per_byte];
    to = static_cast<uint8_t>(to | value << (code % per_byte * s.bits));
  });
}

}  // namespace halftone
