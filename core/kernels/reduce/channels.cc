// Rows of one channel in vectors; where channels are innermost, vectors of neighbouring channels.
#include "core/kernels/reduce/channels.h"

#include <algorithm>
#include <bit>

namespace halftone {
namespace {

constexpr int64_t kLanes = 16;

float finite_or_zero(float v) {
  const auto bits = std::bit_cast<uint32_t>(v);
  return std::bit_cast<float>((bits & 0x7f800000u) == 0x7f800000u ? 0u : bits);
}

void widen(float v, float& low, float& high) {
  v = finite_or_zero(v);
  low = v < low ? v : low;
  high = v > high ? v : high;
}

// Fixed lanes: compilers then use vector minimum and maximum.
void add_row(const float* x, int64_t n, float& low, float& high) {
  float lows[kLanes] = {}, highs[kLanes] = {};
  const int64_t whole = n / kLanes * kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) {
    for (int64_t k = 0; k < kLanes; ++k) widen(x[i + k], lows[k], highs[k]);
  }
  for (int64_t i = whole; i < n; ++i) widen(x[i], low, high);
  low = std::min(low, *std::min_element(lows, lows + kLanes));
  high = std::max(high, *std::max_element(highs, highs + kLanes));
}

template <typename Of>
double row_sum(const float* x, int64_t n, Of of) {
  constexpr int64_t kPiece = 4096;  // float sums stay short
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += kPiece) {
    float sums[kLanes] = {};
    const int64_t end = std::min(n, begin + kPiece), whole = begin + (end - begin) / kLanes * kLanes;
    for (int64_t i = begin; i < whole; i += kLanes) {
      for (int64_t k = 0; k < kLanes; ++k) sums[k] += of(finite_or_zero(x[i + k]));
    }
    for (int64_t i = whole; i < end; ++i) total += of(finite_or_zero(x[i]));
    for (float sum : sums) total += sum;
  }
  return total;
}

// Channels innermost: a block of channels at a time.
template <typename Of>
void add_columns(const float* x, int64_t rows, int64_t channels, double* sums, Of of) {
  constexpr int64_t kBlock = 64, kPiece = 256;  // float sums stay short
  for (int64_t row = 0; row < rows; row += kPiece) {
    const int64_t end = std::min(rows, row + kPiece);
    for (int64_t first = 0; first < channels; first += kBlock) {
      const int64_t n = std::min(kBlock, channels - first);
      float part[kBlock] = {};
      for (int64_t r = row; r < end; ++r) {
        const float* at = x + r * channels + first;
        for (int64_t c = 0; c < n; ++c) part[c] += of(finite_or_zero(at[c]));
      }
      for (int64_t c = 0; c < n; ++c) sums[first + c] += part[c];
    }
  }
}

template <typename Of>
void add_all(const float* x, int64_t outer, int64_t channels, int64_t inner, double* sums, Of of) {
  if (inner == 1) return add_columns(x, outer, channels, sums, of);
  for (int64_t row = 0; row < outer * channels; ++row) sums[row % channels] += row_sum(x + row * inner, inner, of);
}

}  // namespace

void add_sums(const float* x, int64_t outer, int64_t channels, int64_t inner, double* sums) {
  add_all(x, outer, channels, inner, sums, [](float v) { return v; });
}

void add_square_sums(const float* x, int64_t outer, int64_t channels, int64_t inner, double* sums) {
  add_all(x, outer, channels, inner, sums, [](float v) { return v * v; });
}

void add_extremes(const float* x, int64_t outer, int64_t channels, int64_t inner, float* low, float* high) {
  for (int64_t o = 0; o < outer; ++o) {
    if (inner == 1) {
      for (int64_t c = 0; c < channels; ++c) widen(x[o * channels + c], low[c], high[c]);
      continue;
    }
    for (int64_t c = 0; c < channels; ++c) add_row(x + (o * channels + c) * inner, inner, low[c], high[c]);
  }
}

}  // namespace halftone
