// Scales by the largest magnitude, elements rounded to the nearest value of the format.
#include "core/passes/weight_only/small_float_codes.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "core/base/check.h"
#include "core/base/parallel.h"
#include "core/stats/choose_params.h"
#include "core/tensor/small_float.h"

namespace halftone {
namespace {

double encode(const SmallFloat& format, const float* x, int64_t n, float scale, int16_t* codes) {
  double error = 0;
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t bits = encode_small_float(format, x[i] / scale);
    codes[i] = static_cast<int16_t>(bits);
    const double e = x[i] - decode_small_float(format, bits) * scale;
    error += e * e;
  }
  return error;
}

}  // namespace

float largest_finite(DType type) {
  const SmallFloat* format = small_float_format(type);
  HT_CHECK(format != nullptr);
  return decode_small_float(*format, encode_small_float(*format, FLT_MAX));
}

GroupedCodes small_float_codes(std::span<const float> matrix, const MatrixForm& form, const WeightGroups& groups,
                               DType type, bool power_of_two) {
  const SmallFloat& format = *small_float_format(type);
  const float top = largest_finite(type);
  const int64_t count = groups.count(form.rows);
  GroupedCodes out;
  out.codes.resize(matrix.size());
  out.scale.assign(static_cast<size_t>(count), 1.0f);
  out.zero.assign(static_cast<size_t>(count), 0.0f);
  parallel_for(count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) {
      const int64_t first = g / groups.blocks * groups.rows_per_group * form.cols + g % groups.blocks * groups.block;
      const int64_t n = groups.blocks == 1 ? groups.rows_per_group * form.cols
                                           : std::min(groups.block, form.cols - g % groups.blocks * groups.block);
      const float* x = matrix.data() + first;
      int16_t* codes = out.codes.data() + first;
      float largest = 0;
      for (int64_t i = 0; i < n; ++i) largest = std::max(largest, std::fabs(x[i]));
      float scale = largest / top;
      if (scale < FLT_MIN) scale = 1;
      if (power_of_two) scale = static_cast<float>(power_of_two_above(scale));
      const double error = encode(format, x, n, scale, codes);
      if (power_of_two && encode(format, x, n, scale / 2, codes) < error) {
        scale /= 2;
      } else if (power_of_two) {
        encode(format, x, n, scale, codes);
      }
      out.scale[static_cast<size_t>(g)] = scale;
    }
  });
  return out;
}

std::vector<float> real_matrix(const GroupedCodes& codes, const MatrixForm& form, const WeightGroups& groups,
                               DType type) {
  const SmallFloat& format = *small_float_format(type);
  std::vector<float> out(codes.codes.size());
  size_t i = 0;
  for (int64_t r = 0; r < form.rows; ++r) {
    for (int64_t c = 0; c < form.cols; ++c, ++i) {
      const auto g = static_cast<size_t>(r / groups.rows_per_group * groups.blocks + c / groups.block);
      out[i] = decode_small_float(format, static_cast<uint16_t>(codes.codes[i])) * codes.scale[g];
    }
  }
  return out;
}

}  // namespace halftone
