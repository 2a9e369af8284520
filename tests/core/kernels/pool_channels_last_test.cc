// Channels-last pooling against the planes' kernels on the transposed tensor: the same bits, at any number of channels.
#include "core/kernels/pool/pool_channels_last.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/core/kernels/pool_cases.h"
#include "tests/core/kernels/random.h"

namespace halftone {
namespace {

constexpr int64_t kChannels[] = {1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 64, 100};

// [batch][plane][channels] -> [batch][channels][plane].
template <typename T>
std::vector<T> to_planes(const std::vector<T>& x, int64_t batch, int64_t plane, int64_t channels) {
  std::vector<T> y(x.size());
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t i = 0; i < plane; ++i) {
      for (int64_t c = 0; c < channels; ++c) {
        y[static_cast<size_t>((b * channels + c) * plane + i)] = x[static_cast<size_t>((b * plane + i) * channels + c)];
      }
    }
  }
  return y;
}

template <typename T>
void expect_same(const std::vector<T>& planes, const std::vector<T>& last, const PoolGeometry& g, int64_t channels) {
  const auto turned = to_planes(last, g.planes, g.out_plane(), channels);
  ASSERT_EQ(std::memcmp(planes.data(), turned.data(), planes.size() * sizeof(T)), 0)
      << channels << " channels, output " << g.out[0] << " " << g.out[1] << " " << g.out[2];
}

PoolGeometry with_planes(PoolGeometry g, int64_t planes) {
  g.planes = planes;
  return g;
}

template <typename T>
void check_max(const PoolGeometry& g, int64_t channels, const std::vector<T>& x) {
  std::vector<T> expected(static_cast<size_t>(g.planes * channels * g.out_plane())), y(expected.size());
  max_pool(with_planes(g, g.planes * channels), to_planes(x, g.planes, g.in_plane(), channels).data(), expected.data());
  max_pool_channels_last(g, channels, x.data(), y.data());
  expect_same(expected, y, g, channels);
}

TEST(PoolChannelsLast, MaximaMatchPlanes) {
  Rng rng(59);
  for (const PoolGeometry& g : pool_geometries()) {
    for (int64_t channels : kChannels) {
      const int64_t n = g.planes * g.in_plane() * channels;
      check_max(g, channels, random_floats(rng, n));
      check_max(g, channels, random_ints<int8_t>(rng, n, -128, 127));
      check_max(g, channels, random_ints<uint8_t>(rng, n, 0, 255));
    }
  }
}

TEST(PoolChannelsLast, FloatAveragesMatchPlanes) {
  Rng rng(61);
  for (const PoolGeometry& g : pool_geometries()) {
    for (int64_t channels : kChannels) {
      const auto x = random_floats(rng, g.planes * g.in_plane() * channels);
      const auto planes = to_planes(x, g.planes, g.in_plane(), channels);
      std::vector<float> expected(static_cast<size_t>(g.planes * channels * g.out_plane())), y(expected.size());
      for (bool count_pads : {false, true}) {
        average_pool_f32(with_planes(g, g.planes * channels), planes.data(), count_pads, expected.data());
        average_pool_channels_last_f32(g, channels, x.data(), count_pads, y.data());
        expect_same(expected, y, g, channels);
      }
    }
  }
}

template <typename T, typename U>
void check_average(const PoolGeometry& g, int64_t channels, bool count_pads, Rng& rng) {
  const int32_t x_low = std::numeric_limits<T>::min(), y_low = std::numeric_limits<U>::min();
  const auto x = random_ints<T>(rng, g.planes * g.in_plane() * channels, x_low, x_low + 255);
  const PoolRequant q{0.7f, x_low + 101, y_low + 119};
  std::vector<U> expected(static_cast<size_t>(g.planes * channels * g.out_plane())), y(expected.size());
  std::vector<int32_t> scratch(static_cast<size_t>(g.out[2]));
  average_pool_int8(with_planes(g, g.planes * channels), to_planes(x, g.planes, g.in_plane(), channels).data(),
                    count_pads, q, expected.data(), scratch.data());
  average_pool_channels_last_int8(g, channels, count_pads, q,
                                  {reinterpret_cast<const uint8_t*>(x.data()), std::is_signed_v<T>,
                                   reinterpret_cast<uint8_t*>(y.data()), std::is_signed_v<U>});
  expect_same(expected, y, g, channels);
}

TEST(PoolChannelsLast, IntegerAveragesMatchPlanes) {
  Rng rng(67);
  for (const PoolGeometry& g : pool_geometries()) {
    for (int64_t channels : kChannels) {
      for (bool count_pads : {false, true}) {
        check_average<int8_t, int8_t>(g, channels, count_pads, rng);
        check_average<uint8_t, uint8_t>(g, channels, count_pads, rng);
      }
      check_average<int8_t, uint8_t>(g, channels, false, rng);
      check_average<uint8_t, int8_t>(g, channels, false, rng);
    }
  }
}

TEST(PoolChannelsLast, GlobalAveragesOfManyElementsMatchPlanes) {
  for (int64_t size : {1, 49, 255, 256, 257, 1000}) {
    for (int64_t channels : {3, 16, 50}) {
      const PoolGeometry g = global_geometry(2, size);
      const std::vector<uint8_t> x(static_cast<size_t>(2 * size * channels), 255);  // the sums that grow fastest
      const PoolRequant q{1.1f, 3, 7};
      std::vector<uint8_t> expected(static_cast<size_t>(2 * channels)), y(expected.size());
      global_average_int8(2 * channels, size, x.data(), q, expected.data());
      average_pool_channels_last_int8(g, channels, false, q, {x.data(), false, y.data(), false});
      EXPECT_EQ(y, expected) << size;
    }
  }
}

}  // namespace
}  // namespace halftone
