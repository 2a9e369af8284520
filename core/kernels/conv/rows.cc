// Row pointers of convolution tiles; see the header.
#include "core/kernels/conv/rows.h"

namespace halftone {

ConvRows::ConvRows(const ConvGeometry& g, const ConvRuns& runs, const Axes3& dims, const Axes3& pad, int64_t pixel,
                   const uint8_t* outside, int64_t* offsets)
    : g_(g),
      dims_(dims),
      pad_(pad),
      kernel_{g.kernel[0], g.kernel[1], runs.merged ? 1 : g.kernel[2]},
      pixel_(pixel),
      image_(dims[0] * dims[1] * dims[2] * pixel),
      linear_(runs.runs == 1 && dims == g.out && g.stride == Axes3{1, 1, 1} && pad == Axes3{0, 0, 0}),
      outside_(outside),
      offsets_(offsets) {
  for (size_t a = 0; a < 3; ++a) reach_[a] = (kernel_[a] - 1) * g.dilation[a];
  for (int64_t kd = 0; kd < kernel_[0]; ++kd) {
    for (int64_t kh = 0; kh < kernel_[1]; ++kh) {
      for (int64_t kw = 0; kw < kernel_[2]; ++kw) {
        *offsets++ = ((kd * g.dilation[0] * dims[1] + kh * g.dilation[1]) * dims[2] + kw * g.dilation[2]) * pixel;
      }
    }
  }
}

void ConvRows::fill_linear(const uint8_t* base, int64_t first, int64_t rows, const Part& part, RowTable table) const {
  const uint8_t* from = base + first * pixel_ + part.skip;
  for (int64_t r = 0; r < rows; ++r, from += pixel_) table[r] = from;
}

// A pixel whose window leaves the input.
void ConvRows::fill_edge(const uint8_t* image, const Axes3& at, const Part& part, RowTable table) const {
  for (int64_t i = part.run; i < part.run + part.runs; ++i, table += kTileRows) {
    const int64_t d = at[0] + i / (kernel_[1] * kernel_[2]) * g_.dilation[0];
    const int64_t h = at[1] + i / kernel_[2] % kernel_[1] * g_.dilation[1];
    const int64_t w = at[2] + i % kernel_[2] * g_.dilation[2];
    const bool inside = d >= 0 && d < dims_[0] && h >= 0 && h < dims_[1] && w >= 0 && w < dims_[2];
    *table = (inside ? image + ((d * dims_[1] + h) * dims_[2] + w) * pixel_ : outside_) + part.skip;
  }
}

void ConvRows::fill(const uint8_t* base, int64_t first, int64_t rows, const Part& part, RowTable table) const {
  if (linear_) return fill_linear(base, first, rows, part, table);
  int64_t line = first / g_.out[2], ow = first - line * g_.out[2];
  int64_t slice = line / g_.out[1], oh = line - slice * g_.out[1];
  int64_t n = slice / g_.out[0], od = slice - n * g_.out[0];
  for (int64_t r = 0; r < rows; ++r) {
    const Axes3 at{od * g_.stride[0] - pad_[0], oh * g_.stride[1] - pad_[1], ow * g_.stride[2] - pad_[2]};
    const uint8_t* image = base + n * image_;
    bool inside = true;
    for (size_t a = 0; a < 3; ++a) inside = inside && at[a] >= 0 && at[a] + reach_[a] < dims_[a];
    if (inside || outside_ == nullptr) {
      const uint8_t* from = image + ((at[0] * dims_[1] + at[1]) * dims_[2] + at[2]) * pixel_ + part.skip;
      for (int64_t i = 0; i < part.runs; ++i) table[i * kTileRows + r] = from + offsets_[part.run + i];
    } else {
      fill_edge(image, at, part, table + r);
    }
    if (++ow < g_.out[2]) continue;
    ow = 0;
    if (++oh < g_.out[1]) continue;
    oh = 0;
    if (++od < g_.out[0]) continue;
    od = 0;
    ++n;
  }
}

}  // namespace halftone
