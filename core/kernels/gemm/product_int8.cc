// Products of two activations; see the header.
#include "core/kernels/gemm/product_int8.h"

#include <algorithm>

#include "core/kernels/dot/dot.h"
#include "core/kernels/dot/interleave.h"
#include "core/kernels/gemm/gemm_int8.h"
#include "core/kernels/quant/requantize_simd.h"
#include "core/kernels/short_copy.h"

namespace halftone {
namespace {

constexpr int64_t kSumBytes = 16384;  // of int32 sums that wait for their row's addend

ActivationForm left_form(const ProductInt8& p) { return {p.kind, p.a_signed, p.a_zero}; }

bool left_as_it_lies(const ProductInt8& p) {
  return p.kind != DotKind::kNone && !left_form(p).flipped() && p.k % kUnitBytes == 0;
}

// The zero point of B's values as they enter the product.
int32_t right_zero(const ProductInt8& p) {
  if (p.kind == DotKind::kNone) return 0;  // subtracted already
  return p.b_signed ? p.b_zero : p.b_zero - 128;
}

// Working memory in its order.
struct Layout {
  int64_t padded_n, units, panels, bias, rows, row_sums, sum_rows, sums;
  explicit Layout(const ProductInt8& p)
      : padded_n((p.n + 7) / 8 * 8),
        units(unit_count(p.kind, p.k)),
        panels(0),
        bias(padded_n * units * kUnitBytes),
        rows(bias + 4 * padded_n),
        row_sums(rows + (left_as_it_lies(p) ? 0 : (p.m * units * kUnitBytes + 15) / 16 * 16)),
        sum_rows(0),
        sums(row_sums) {
    if (right_zero(p) == 0) return;
    sum_rows = std::clamp<int64_t>(kSumBytes / (4 * std::max<int64_t>(p.n, 1)), std::min<int64_t>(p.m, 6), p.m);
    sums += (4 * p.m + 15) / 16 * 16;
  }
  int64_t bytes(const ProductInt8& p) const { return sums + 4 * sum_rows * p.n + 16; }
};

// --- B ----------------------------------------------------------------------------------------

struct RightForm {
  i8x16 flip;   // of bytes: 0x80 where uint8 becomes int8
  i16x8 zero;   // to subtract from widened values
  i8x16 empty;  // what stands for rows beyond k: zero after this
};

// Units of one panel from the rows of 8 bytes at b; `columns` of them exist. Returns the sums of its columns.
template <UnitKind kUnit>
void pack_panel(const uint8_t* b, int64_t k, int64_t n, int64_t columns, const RightForm& form, uint8_t* out,
                i32x4 (&sums)[2]) {
  using D = Dot<kUnit == UnitKind::kFourBytes ? DotKind::kUsdot : DotKind::kNone>;
  constexpr int kTaps = kUnitTaps<kUnit>;
  const i8x16 ones =
      kUnit == UnitKind::kFourBytes ? i8x16{} + int8_t{1} : reinterpret_cast<i8x16>(i16x8{} + int16_t{1});
  sums[0] = sums[1] = i32x4{};
  for (int64_t i = 0; i < k; i += kTaps, out += 8 * kUnitBytes) {
    i8x16 tap[kTaps], unit[2];
    for (int t = 0; t < kTaps; ++t) {
      tap[t] = form.empty;
      if (i + t >= k) continue;
      const uint8_t* row = b + (i + t) * n;
      uint8_t part[8] = {};
      if (columns < 8) {
        for (int64_t j = 0; j < columns; ++j) part[j] = row[j];
        row = part;
      }
      tap[t] = load_half<i8x16>(row) ^ form.flip;
    }
    interleave8<kUnit>(tap, unit);
    for (int h = 0; h < 2; ++h) {
      if (kUnit != UnitKind::kFourBytes) {
        unit[h] = reinterpret_cast<i8x16>(reinterpret_cast<i16x8>(unit[h]) - form.zero);
      }
      sums[h] = D::add(sums[h], unit[h], ones);
      store(out + 16 * h, unit[h]);
    }
  }
}

// --- A ----------------------------------------------------------------------------------------

// factor * (sum of the row's values), for rows of units.
template <DotKind kKind>
void row_sums(const uint8_t* a, int64_t m, int64_t units, int32_t factor, int32_t* out) {
  const i8x16 ones = i8x16{} + int8_t{1};
  for (int64_t i = 0; i < m; ++i, a += units * kUnitBytes) {
    i32x4 sum{};
    int64_t u = 0;
    for (; u + 4 <= units; u += 4) sum = Dot<kKind>::add(sum, ones, load<i8x16>(a + u * kUnitBytes));
    for (; u < units; ++u) {
      i8x16 rest{};
      std::memcpy(&rest, a + u * kUnitBytes, kUnitBytes);
      sum = Dot<kKind>::add(sum, ones, rest);
    }
    out[i] =
        static_cast<int32_t>(static_cast<uint32_t>(factor) * static_cast<uint32_t>(sum[0] + sum[1] + sum[2] + sum[3]));
  }
}

// One row of sums with its addend: int32, or requantized.
void finish_row(const ProductInt8& p, const int32_t* sums, int32_t addend, const Requantizer& requantizer, void* c) {
  const i32x4 add = splat(addend);
  for (int64_t j = 0; j < p.n; j += 8) {
    const int64_t columns = std::min<int64_t>(8, p.n - j);
    i32x4 part[2] = {};
    if (columns == 8) {
      part[0] = load<i32x4>(sums + j);
      part[1] = load<i32x4>(sums + j + 4);
    } else {
      copy_short(part, sums + j, 4 * columns);
    }
    part[0] = wrapping_add(part[0], add);
    part[1] = wrapping_add(part[1], add);
    if (p.multiplier == nullptr) {
      copy_short(static_cast<int32_t*>(c) + j, part, 4 * columns);
      continue;
    }
    const i8x16 bytes = requantizer.narrow8(requantizer.round(part[0], load<f32x4>(p.multiplier + j)),
                                            requantizer.round(part[1], load<f32x4>(p.multiplier + j + 4)));
    store_bytes(static_cast<uint8_t*>(c) + j, bytes, columns);
  }
}

}  // namespace

DotKind product_int8_dot(DotKind machine) {
  // Sums of two products of full bytes do not fit i7's 16 bits.
  return machine == DotKind::kI7 ? DotKind::kNone : machine;
}

int64_t product_int8_scratch(const ProductInt8& p) { return Layout(p).bytes(p); }

void pack_product_int8(const ProductInt8& p, const uint8_t* b, void* scratch) {
  const Layout layout(p);
  uint8_t* panels = static_cast<uint8_t*>(scratch) + layout.panels;
  auto* bias = reinterpret_cast<int32_t*>(static_cast<uint8_t*>(scratch) + layout.bias);
  const bool wide = p.kind == DotKind::kNone;
  const RightForm form{.flip = splat_bytes(static_cast<uint8_t>(wide || p.b_signed ? 0 : 0x80)),
                       .zero = i16x8{} + static_cast<int16_t>(p.b_zero),
                       .empty = splat_bytes(static_cast<uint8_t>(wide ? p.b_zero : 0))};
  const auto pack = !wide        ? pack_panel<UnitKind::kFourBytes>
                    : p.b_signed ? pack_panel<UnitKind::kTwoSigned>
                                 : pack_panel<UnitKind::kTwoUnsigned>;
  const auto a_zero = static_cast<uint32_t>(left_form(p).zero());
  const uint32_t both = static_cast<uint32_t>(p.k) * a_zero * static_cast<uint32_t>(right_zero(p));
  for (int64_t j = 0; j < p.n; j += 8, panels += 8 * layout.units * kUnitBytes) {
    i32x4 sums[2];
    pack(b + j, p.k, p.n, std::min<int64_t>(8, p.n - j), form, panels, sums);
    for (int64_t c = 0; c < 8; ++c) {
      bias[j + c] = static_cast<int32_t>(both - a_zero * static_cast<uint32_t>(sums[c / 4][c % 4]));
    }
  }
}

void run_product_int8(const ProductInt8& p, const uint8_t* a, void* c, void* scratch) {
  const Layout layout(p);
  uint8_t* memory = static_cast<uint8_t*>(scratch);
  if (!left_as_it_lies(p)) {
    pack_activation_rows(a, p.m, p.k, left_form(p), memory + layout.rows);
    a = memory + layout.rows;
  }
  GemmInt8 g{.kind = p.kind,
             .m = p.m,
             .n = p.n,
             .units = layout.units,
             .a = a,
             .b = memory + layout.panels,
             .bias = reinterpret_cast<const int32_t*>(memory + layout.bias),
             .multiplier = p.multiplier,
             .range = p.range,
             .signed_output = p.signed_output,
             .c = c,
             .ldc = p.n};
  if (right_zero(p) == 0) return gemm_int8(g);

  auto* addend = reinterpret_cast<int32_t*>(memory + layout.row_sums);
  auto* sums = reinterpret_cast<int32_t*>(memory + layout.sums);
  const auto add = p.kind == DotKind::kSdot ? row_sums<DotKind::kSdot> : row_sums<DotKind::kUsdot>;
  add(a, p.m, layout.units, -right_zero(p), addend);
  const Requantizer requantizer(p.range, p.signed_output);
  const int64_t element = p.multiplier == nullptr ? 4 : 1;
  g.multiplier = nullptr;
  g.c = sums;
  for (int64_t i = 0; i < p.m; i += g.m) {
    g.m = std::min(layout.sum_rows, p.m - i);
    g.a = a + i * layout.units * kUnitBytes;
    gemm_int8(g);
    for (int64_t r = i; r < i + g.m; ++r) {
      finish_row(p, sums + (r - i) * p.n, addend[r], requantizer, static_cast<uint8_t*>(c) + r * p.n * element);
    }
  }
}

}  // namespace halftone
