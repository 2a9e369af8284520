// Staging row by row; see the header.
#include "core/kernels/conv/stage.h"

#include <algorithm>

#include "core/base/checked.h"
#include "core/base/parallel.h"
#include "core/kernels/short_copy.h"

namespace halftone {
namespace {

// Elements of one type into their form in the copy.
struct CopyF32 {
  using In = float;
  static constexpr int64_t kOut = 4;
  i8x16 pad{};
  void operator()(const float* in, int64_t n, uint8_t* out) const { copy_short(out, in, 4 * n); }
};

struct CopyFlipped {
  using In = uint8_t;
  static constexpr int64_t kOut = 1;
  i8x16 pad, flip;
  void operator()(const uint8_t* in, int64_t n, uint8_t* out) const {
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) store(out + i, load<i8x16>(in + i) ^ flip);
    const auto byte = static_cast<uint8_t>(flip[0]);
    for (; i < n; ++i) out[i] = in[i] ^ byte;
  }
};

template <typename T, typename V>
struct CopyWidened {
  using In = uint8_t;
  static constexpr int64_t kOut = 2;
  i8x16 pad;
  void operator()(const uint8_t* in, int64_t n, uint8_t* out) const {
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
      const V v = load<V>(in + i);
      store(out + 2 * i, widen_low(v));
      store(out + 2 * i + 16, widen_high(v));
    }
    for (; i < n; ++i) {
      const int16_t v = static_cast<T>(in[i]);
      std::memcpy(out + 2 * i, &v, 2);
    }
  }
};

// The input's rows lie at row (d, h) of the copy; `pixels` of them from column `first` on.
template <typename Copy>
void stage_row(const ConvGeometry& g, const ConvRuns& r, const Stage& s, const Copy& copy, const typename Copy::In* row,
               uint8_t* out) {
  const int64_t left = std::min(g.pad[2], s.dims[2]);
  const int64_t pixels = std::clamp<int64_t>(g.in[2], 0, s.dims[2] - left);
  fill_short(out, copy.pad, left * s.pixel);
  uint8_t* to = out + left * s.pixel;
  if (r.channels == g.channels) {
    copy(row, pixels * g.in_channels(), to);
  } else {
    for (int64_t i = 0; i < pixels * g.groups; ++i) {
      uint8_t* group = to + i * r.channels * Copy::kOut;
      copy(row + i * g.channels, g.channels, group);
      fill_short(group + g.channels * Copy::kOut, copy.pad, (r.channels - g.channels) * Copy::kOut);
    }
  }
  fill_short(to + pixels * s.pixel, copy.pad, (s.dims[2] - left - pixels) * s.pixel);
}

template <typename Copy>
void stage_image(const ConvGeometry& g, const ConvRuns& r, const Stage& s, const Copy& copy, const typename Copy::In* x,
                 uint8_t* out) {
  const int64_t row_bytes = s.dims[2] * s.pixel, rows = s.dims[0] * s.dims[1];
  parallel_for(rows, std::max<int64_t>(65536 / std::max<int64_t>(row_bytes, 1), 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t d = i / s.dims[1] - g.pad[0], h = i % s.dims[1] - g.pad[1];
      uint8_t* to = out + i * row_bytes;
      if (d < 0 || d >= g.in[0] || h < 0 || h >= g.in[1]) {
        fill_short(to, copy.pad, row_bytes);
      } else {
        stage_row(g, r, s, copy, x + (d * g.in[1] + h) * g.in[2] * g.in_channels(), to);
      }
    }
  });
  // Filled-up runs of the last pixels read on here.
  fill_short(out + rows * row_bytes, copy.pad, s.bytes - rows * row_bytes);
}

}  // namespace

Stage plan_stage(const ConvGeometry& g, const ConvRuns& r, int64_t element) {
  constexpr int64_t kSlack = 64;
  Stage s;
  std::optional<int64_t> bytes = element;
  for (size_t a = 0; a < 3; ++a) {
    const auto steps = checked_mul(g.out[a] - 1, g.stride[a]), reach = checked_mul(g.kernel[a] - 1, g.dilation[a]);
    const auto size = steps && reach ? checked_add(*steps, *reach) : std::nullopt;
    s.dims[a] = size.value_or(int64_t{1} << 40) + 1;
    bytes = bytes ? checked_mul(*bytes, s.dims[a]) : bytes;
  }
  s.pixel = g.groups * r.channels * element;
  bytes = bytes ? checked_mul(*bytes, g.groups * r.channels) : bytes;
  s.bytes = std::min(bytes.value_or(int64_t{1} << 40), int64_t{1} << 40) + kSlack;
  return s;
}

void stage_f32(const ConvGeometry& g, const ConvRuns& r, const Stage& s, const float* x, uint8_t* out) {
  stage_image(g, r, s, CopyF32{}, x, out);
}

void stage_int8(const ConvGeometry& g, const ConvRuns& r, const Stage& s, const uint8_t* x, const ActivationForm& form,
                uint8_t* out) {
  if (form.kind != DotKind::kNone) {
    const auto pad = splat_bytes(static_cast<uint8_t>(form.zero_byte() ^ form.flip_byte()));
    return stage_image(g, r, s, CopyFlipped{pad, splat_bytes(form.flip_byte())}, x, out);
  }
  const auto pad = reinterpret_cast<i8x16>(i16x8{} + static_cast<int16_t>(form.zero_point));
  if (form.is_signed) return stage_image(g, r, s, CopyWidened<int8_t, i8x16>{pad}, x, out);
  stage_image(g, r, s, CopyWidened<uint8_t, u8x16>{pad}, x, out);
}

}  // namespace halftone
