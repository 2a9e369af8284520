// Packing of the operands of integer products; see the header.
#include "core/kernels/dot/operands.h"

#include <algorithm>
#include <cstring>

namespace halftone {
namespace {

constexpr int64_t kPanelRows = 8;

int64_t magnitude(int64_t v) { return v < 0 ? -v : v; }

// Units of one row of weights, `step` bytes apart.
void write_units(const int16_t* w, int64_t k, DotKind kind, uint8_t* out, int64_t step) {
  const int64_t terms = unit_terms(kind);
  for (int64_t i = 0; i < k; i += terms, out += step) {
    for (int64_t t = 0; t < terms && i + t < k; ++t) {
      if (kind == DotKind::kNone) {
        std::memcpy(out + 2 * t, w + i + t, 2);
      } else {
        out[t] = static_cast<uint8_t>(w[i + t]);
      }
    }
  }
}

// And back.
void read_units(const uint8_t* units, int64_t k, DotKind kind, int64_t step, int16_t* w) {
  const int64_t terms = unit_terms(kind);
  for (int64_t i = 0; i < k; i += terms, units += step) {
    for (int64_t t = 0; t < terms && i + t < k; ++t) {
      if (kind == DotKind::kNone) {
        std::memcpy(w + i + t, units + 2 * t, 2);
      } else {
        w[i + t] = static_cast<int8_t>(units[t]);
      }
    }
  }
}

}  // namespace

DotKind choose_dot(DotKind machine, std::span<const int16_t> weights, int64_t k) {
  if (machine == DotKind::kNone) return machine;
  for (int16_t w : weights) {
    if (w < -128 || w > 127) return DotKind::kNone;
  }
  if (machine != DotKind::kI7) return machine;
  // 255 * 128 is the largest sum of a pair below 2^15.
  for (int64_t row = 0; row + k <= static_cast<int64_t>(weights.size()) && k > 0; row += k) {
    for (int64_t i = 0; i + 1 < k; i += 2) {
      const auto at = static_cast<size_t>(row + i);
      if (magnitude(weights[at]) + magnitude(weights[at + 1]) > 128) return DotKind::kNone;
    }
  }
  return machine;
}

bool accumulator_fits(std::span<const int16_t> weights, int64_t k, std::span<const int32_t> bias) {
  if (k == 0) return true;
  for (size_t row = 0; row < weights.size() / static_cast<size_t>(k); ++row) {
    int64_t bound = bias.empty() ? 0 : magnitude(bias[row]);
    for (int64_t i = 0; i < k; ++i)
      bound += 255 * magnitude(weights[row * static_cast<size_t>(k) + static_cast<size_t>(i)]);
    if (bound > INT32_MAX) return false;
  }
  return true;
}

Result<Tensor> folded_bias(std::span<const int16_t> weights, int64_t rows, int64_t k, std::span<const int32_t> bias,
                           int32_t zero) {
  const int64_t padded = (rows + kPanelRows - 1) / kPanelRows * kPanelRows;
  HT_ASSIGN(Tensor out, Tensor::allocate(DType::kInt32, {padded}, "folded bias"));
  auto folded = out.mutable_data<int32_t>();
  std::fill(folded.begin(), folded.end(), 0);
  for (int64_t r = 0; r < rows; ++r) {
    uint32_t sum = 0;
    for (int64_t i = 0; i < k; ++i) sum += static_cast<uint32_t>(weights[static_cast<size_t>(r * k + i)]);
    const uint32_t start = bias.empty() ? 0 : static_cast<uint32_t>(bias[static_cast<size_t>(r)]);
    folded[static_cast<size_t>(r)] = static_cast<int32_t>(start - static_cast<uint32_t>(zero) * sum);
  }
  return out;
}

Result<WeightUnits> pack_weight_panels(std::span<const int16_t> weights, int64_t rows, int64_t k,
                                       std::span<const int32_t> bias, const ActivationForm& form) {
  const int64_t padded = (rows + kPanelRows - 1) / kPanelRows * kPanelRows;
  WeightUnits w{.kind = form.kind, .rows = rows, .units = unit_count(form.kind, k), .bytes = {}, .bias = {}};
  HT_ASSIGN(w.bytes, Tensor::allocate(DType::kUint8, {padded, w.units, kUnitBytes}, "packed weights"));
  std::fill_n(w.bytes.mutable_bytes(), w.bytes.byte_size(), uint8_t{0});
  HT_ASSIGN(w.bias, folded_bias(weights, rows, k, bias, form.zero()));
  for (int64_t r = 0; r < rows; ++r) {
    uint8_t* panel = w.bytes.mutable_bytes() + r / kPanelRows * kPanelRows * w.units * kUnitBytes;
    write_units(weights.data() + r * k, k, form.kind, panel + r % kPanelRows * kUnitBytes, kPanelRows * kUnitBytes);
  }
  return w;
}

std::vector<int16_t> unpack_weight_panels(DotKind kind, const uint8_t* panels, int64_t rows, int64_t k) {
  std::vector<int16_t> weights(static_cast<size_t>(rows * k));
  const int64_t row_bytes = unit_count(kind, k) * kUnitBytes;
  for (int64_t r = 0; r < rows; ++r) {
    const uint8_t* panel = panels + r / kPanelRows * kPanelRows * row_bytes;
    read_units(panel + r % kPanelRows * kUnitBytes, k, kind, kPanelRows * kUnitBytes, weights.data() + r * k);
  }
  return weights;
}

void pack_activation_rows(const uint8_t* x, int64_t rows, int64_t k, const ActivationForm& form, uint8_t* out) {
  const int64_t row_bytes = unit_count(form.kind, k) * kUnitBytes;
  for (int64_t r = 0; r < rows; ++r, x += k, out += row_bytes) {
    if (form.kind != DotKind::kNone) {
      const uint8_t flip = form.flip_byte();
      for (int64_t i = 0; i < k; ++i) out[i] = x[i] ^ flip;
      std::fill(out + k, out + row_bytes, uint8_t{0});
      continue;
    }
    for (int64_t i = 0; i < row_bytes / 2; ++i) {
      const int16_t v = i >= k ? 0 : form.is_signed ? static_cast<int8_t>(x[i]) : static_cast<int16_t>(x[i]);
      std::memcpy(out + 2 * i, &v, 2);
    }
  }
}

}  // namespace halftone
