// Samples of both models side by side, added part by part.
#include "core/passes/reconstruct/sums.h"

#include <algorithm>
#include <cmath>

#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/linalg/gram.h"

namespace halftone {
namespace {

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

// cross += d^T x.
void add_cross(const std::vector<float>& d, const std::vector<float>& x, int64_t count, int64_t n, float* cross) {
  std::vector<float> transposed(d.size()), packed(static_cast<size_t>(packed_b_f32_size(count, n)));
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t c = 0; c < n; ++c) transposed[static_cast<size_t>(c * count + i)] = d[static_cast<size_t>(i * n + c)];
  }
  pack_b_f32(x.data(), count, n, n, 1, 1, packed.data());
  gemm_f32({.m = n,
            .n = n,
            .k = count,
            .a = transposed.data(),
            .lda = count,
            .b = packed.data(),
            .c = cross,
            .ldc = n,
            .accumulate = true,
            .bias = nullptr,
            .lo = -INFINITY,
            .hi = INFINITY});
}

}  // namespace

int64_t sums_bytes(const LayerInput& layer) { return 2 * layer.bytes(); }

Status LayerSums::add(const LayerInput& layer, const Tensor& x_float, const Tensor& x) {
  if (x_float.dims() != x.dims()) {
    return Error{ErrorCode::kInternal, "The float and the quantized model disagree about a shape", layer.label, ""};
  }
  const int64_t n = layer.cols();
  if (parts.empty()) {
    parts.resize(layer.parts.size());
    for (PartSums& part : parts) {
      part.gram.assign(static_cast<size_t>(n * n), 0);
      part.cross = part.gram;
      part.mean.assign(static_cast<size_t>(n), 0);
      part.difference = part.mean;
    }
  }
  HT_ASSIGN(const LayerSamples reference, LayerSamples::create(layer, x_float));
  HT_ASSIGN(const LayerSamples quantized, LayerSamples::create(layer, x));
  const int64_t count = quantized.count();
  std::vector<float> d(static_cast<size_t>(count * n)), rows(d.size());
  bool used = false;
  for (size_t p = 0; p < parts.size(); ++p) {
    reference.rows(layer.parts[p], p, n, d.data());
    quantized.rows(layer.parts[p], p, n, rows.data());
    if (!all_finite(d) || !all_finite(rows)) continue;
    used = true;
    for (size_t i = 0; i < d.size(); ++i) {
      d[i] -= rows[i];
      parts[p].mean[i % static_cast<size_t>(n)] += rows[i];
      parts[p].difference[i % static_cast<size_t>(n)] += d[i];
    }
    add_gram(rows.data(), count, n, parts[p].gram.data());
    add_cross(d, rows, count, n, parts[p].cross.data());
  }
  if (used) samples += count;
  return ok_status();
}

}  // namespace halftone
