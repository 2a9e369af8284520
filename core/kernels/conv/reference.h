// Convolution by its formula (geometry.h), one output at a time: what the fast kernels are tested against. Integer sums
// wrap modulo 2^32 like the vector kernels' do.
#pragma once

#include <type_traits>

#include "core/kernels/conv/geometry.h"

namespace halftone {

// Acc: float, or uint32_t for integers. `x_zero` is subtracted before multiplying; `store(index, filter, acc)` receives
// every output element. The filter counts over all groups.
template <typename Acc, typename X, typename W, typename Store>
void conv_reference(const ConvGeometry& g, const X* x, const W* w, int32_t x_zero, Store store) {
  using Term = std::conditional_t<std::is_same_v<Acc, float>, float, int32_t>;
  int64_t index = 0;
  for (int64_t pixel = 0; pixel < g.batch * g.out_plane(); ++pixel) {
    const int64_t n = pixel / g.out_plane(), ow = pixel % g.out[2], oh = pixel / g.out[2] % g.out[1],
                  od = pixel / (g.out[2] * g.out[1]) % g.out[0];
    const X* image = x + n * g.in_plane() * g.in_channels();
    for (int64_t f = 0; f < g.out_channels(); ++f, ++index) {
      Acc acc = 0;
      const W* tap = w + f * g.depth();
      for (int64_t c = 0; c < g.channels; ++c) {
        for (int64_t kd = 0; kd < g.kernel[0]; ++kd) {
          const int64_t d = od * g.stride[0] + kd * g.dilation[0] - g.pad[0];
          for (int64_t kh = 0; kh < g.kernel[1]; ++kh) {
            const int64_t h = oh * g.stride[1] + kh * g.dilation[1] - g.pad[1];
            for (int64_t kw = 0; kw < g.kernel[2]; ++kw, ++tap) {
              const int64_t v = ow * g.stride[2] + kw * g.dilation[2] - g.pad[2];
              if (d < 0 || d >= g.in[0] || h < 0 || h >= g.in[1] || v < 0 || v >= g.in[2]) continue;
              const int64_t at = ((d * g.in[1] + h) * g.in[2] + v) * g.in_channels() + f / g.filters * g.channels + c;
              acc += static_cast<Acc>((static_cast<Term>(image[at]) - static_cast<Term>(x_zero)) *
                                      static_cast<Term>(*tap));
            }
          }
        }
      }
      store(index, f, acc);
    }
  }
}

}  // namespace halftone
