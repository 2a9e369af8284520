// How 8-bit activations and weights are laid out for Dot (dot.h), so that the sums are exact whatever the machine:
//   kNone          both widened to int16
//   kUsdot, kI7    activations as uint8: int8 ones have their top bit flipped, which adds 128
//   kSdot          activations as int8: uint8 ones have their top bit flipped, which subtracts 128
// The zero point (in these terms: zero()) is folded into the bias: sum w (x - z) = sum w x - z sum w. Padding holds the
// zero point, so it counts as real zero. Weights come centered, w - zero_point, as int16 in [-255, 255].
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/kernels/dot/dot_probe.h"
#include "core/tensor/tensor.h"

namespace halftone {

inline constexpr int64_t kUnitBytes = 4;

// Terms of a unit.
inline int64_t unit_terms(DotKind kind) { return kind == DotKind::kNone ? 2 : 4; }
inline int64_t unit_count(DotKind kind, int64_t k) { return (k + unit_terms(kind) - 1) / unit_terms(kind); }

// The activations' type and how they enter a dot product.
struct ActivationForm {
  DotKind kind = DotKind::kNone;
  bool is_signed = false;  // int8, else uint8
  int32_t zero_point = 0;  // as stored

  bool flipped() const { return kind != DotKind::kNone && is_signed == (kind != DotKind::kSdot); }
  // The zero point of the values that enter the product.
  int32_t zero() const { return !flipped() ? zero_point : is_signed ? zero_point + 128 : zero_point - 128; }
  uint8_t zero_byte() const { return static_cast<uint8_t>(zero_point); }
  uint8_t flip_byte() const { return flipped() ? 0x80 : 0; }
};

// The fastest exact kind for these weights [rows][k] on a machine with `machine`: kNone where a weight exceeds 8 signed
// bits, or (kI7) where two neighbours in a unit could exceed int16 with 8-bit activations.
DotKind choose_dot(DotKind machine, std::span<const int16_t> weights, int64_t k);

// Whether bias + sum w (x - zero_point) stays below 2^31 for every row and any 8-bit x. `bias` empty: none.
bool accumulator_fits(std::span<const int16_t> weights, int64_t k, std::span<const int32_t> bias);

// Weights in units, as panels of 8 rows: [ceil(rows / 8)][units][8][4 bytes], rows filled up with zeros. `bias` has the
// zero point's share folded in, filled up to a multiple of 8.
struct WeightUnits {
  DotKind kind = DotKind::kNone;
  int64_t rows = 0, units = 0;
  Tensor bytes;
  Tensor bias;  // int32
};
// Errors: kOutOfMemory. `weights` is [rows][k], `bias` one per row or empty.
Result<WeightUnits> pack_weight_panels(std::span<const int16_t> weights, int64_t rows, int64_t k,
                                       std::span<const int32_t> bias, const ActivationForm& form);

// The way back from pack_weight_panels' bytes: `rows` rows of k weights.
std::vector<int16_t> unpack_weight_panels(DotKind kind, const uint8_t* panels, int64_t rows, int64_t k);

// bias - zero * sum of the row's weights, modulo 2^32, filled up to a multiple of 8. Errors: kOutOfMemory.
Result<Tensor> folded_bias(std::span<const int16_t> weights, int64_t rows, int64_t k, std::span<const int32_t> bias,
                           int32_t zero);

// Activations x [rows][k] as rows of units, [rows][units][4 bytes].
void pack_activation_rows(const uint8_t* x, int64_t rows, int64_t k, const ActivationForm& form, uint8_t* out);

}  // namespace halftone
