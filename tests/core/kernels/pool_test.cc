// Pooling against windows walked one element at a time.
#include "core/kernels/pool/pool.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "core/kernels/quant/requantize.h"
#include "tests/core/kernels/pool_cases.h"
#include "tests/core/kernels/random.h"

namespace halftone {
namespace {

// Calls visit(element index or -1 for a pad) for every window position within input and pads.
void walk(const PoolGeometry& g, int64_t out, const std::function<void(int64_t)>& visit) {
  const int64_t plane = out / g.out_plane(), at = out % g.out_plane();
  const int64_t o[3] = {at / (g.out[1] * g.out[2]), at / g.out[2] % g.out[1], at % g.out[2]};
  for (int64_t t = 0; t < g.taps(); ++t) {
    const int64_t k[3] = {t / (g.kernel[1] * g.kernel[2]), t / g.kernel[2] % g.kernel[1], t % g.kernel[2]};
    int64_t i[3];
    bool inside = true, padded = true;
    for (size_t a = 0; a < 3; ++a) {
      i[a] = o[a] * g.stride[a] + k[a] * g.dilation[a] - g.pad[a];
      inside = inside && i[a] >= 0 && i[a] < g.in[a];
      padded = padded && i[a] >= -g.pad[a] && i[a] < g.in[a] + g.pad_end[a];
    }
    if (inside) visit(((plane * g.in[0] + i[0]) * g.in[1] + i[1]) * g.in[2] + i[2]);
    if (!inside && padded) visit(-1);
  }
}

template <typename T>
void check_max(const PoolGeometry& g) {
  Rng rng(23);
  const int32_t low = std::is_same_v<T, uint8_t> ? 0 : -128;
  const auto x = random_ints<T>(rng, g.planes * g.in_plane(), low, low + 255);
  std::vector<T> y(static_cast<size_t>(g.planes * g.out_plane()));
  std::vector<int64_t> indices(y.size());
  max_pool(g, x.data(), y.data());
  max_pool_indices(g, x.data(), false, indices.data());
  for (size_t i = 0; i < y.size(); ++i) {
    int best = -129;
    int64_t where = -1;
    walk(g, static_cast<int64_t>(i), [&](int64_t at) {
      if (at < 0 || static_cast<int>(x[static_cast<size_t>(at)]) <= best) return;
      best = static_cast<int>(x[static_cast<size_t>(at)]);
      where = at;
    });
    ASSERT_EQ(y[i], static_cast<T>(best));
    ASSERT_EQ(indices[i], where);
  }
}

TEST(MaxPool, MatchesWalkedWindowsForEveryType) {
  for (const PoolGeometry& g : pool_geometries()) {
    check_max<float>(g);
    check_max<double>(g);
    check_max<int8_t>(g);
    check_max<uint8_t>(g);
  }
}

TEST(AveragePool, MatchesWalkedWindowsInFloatAndInt8) {
  for (const PoolGeometry& g : pool_geometries()) {
    for (bool count_pads : {false, true}) {
      Rng rng(29);
      const auto codes = random_ints<uint8_t>(rng, g.planes * g.in_plane(), 0, 255);
      const std::vector<float> x(codes.begin(), codes.end());
      std::vector<float> y(static_cast<size_t>(g.planes * g.out_plane()));
      std::vector<int8_t> q(y.size());
      std::vector<int32_t> scratch(static_cast<size_t>(g.out[2]));
      const PoolRequant requant{0.4f, 101, -9};
      average_pool_f32(g, x.data(), count_pads, y.data());
      average_pool_int8(g, codes.data(), count_pads, requant, q.data(), scratch.data());
      for (size_t i = 0; i < y.size(); ++i) {
        int64_t sum = 0, inside = 0, count = 0;
        walk(g, static_cast<int64_t>(i), [&](int64_t at) {
          count += count_pads || at >= 0 ? 1 : 0;
          inside += at >= 0 ? 1 : 0;
          sum += at >= 0 ? codes[static_cast<size_t>(at)] : 0;
        });
        ASSERT_GT(count, 0);
        ASSERT_NEAR(y[i], static_cast<double>(sum) / static_cast<double>(count), 1e-3);
        // A pad is real zero: it adds nothing to the sum of distances from the zero point.
        const auto centered = static_cast<int32_t>(sum - inside * requant.x_zero);
        ASSERT_EQ(q[i], requantize(centered, requant.ratio / static_cast<float>(count), {-9, -128, 127}));
      }
    }
  }
}

TEST(GlobalPool, AveragesAndMaximaOfPlanes) {
  for (int64_t size : {1, 3, 7, 8, 9, 15, 16, 17, 49, 1000}) {
    Rng rng(31);
    const auto codes = random_ints<int8_t>(rng, 3 * size, -128, 127);
    const std::vector<float> x(codes.begin(), codes.end());
    float mean[3], highest[3];
    uint8_t q[3];
    const PoolRequant requant{1.5f, -11, 128};
    global_average_f32(3, size, x.data(), mean);
    global_max(3, size, x.data(), highest);
    global_average_int8(3, size, codes.data(), requant, q);
    for (int64_t p = 0; p < 3; ++p) {
      int32_t sum = 0, best = -128;
      for (int64_t i = 0; i < size; ++i) {
        sum += codes[static_cast<size_t>(p * size + i)];
        best = std::max<int32_t>(best, codes[static_cast<size_t>(p * size + i)]);
      }
      EXPECT_NEAR(mean[p], static_cast<float>(sum) / static_cast<float>(size), 1e-3);
      EXPECT_EQ(highest[p], best);
      EXPECT_EQ(q[p],
                requantize(sum + 11 * static_cast<int32_t>(size), 1.5f / static_cast<float>(size), {128, 0, 255}));
    }
  }
}

}  // namespace
}  // namespace halftone
