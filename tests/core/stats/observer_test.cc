// Observers against distributions whose best range is known, and what all of them promise.
#include "core/stats/observer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/rng.h"
#include "core/stats/range_search.h"

namespace halftone {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

float laplace(Rng& rng) {
  const float u = rng.uniform() - 0.5f;
  return (u < 0 ? 1.0f : -1.0f) * std::log(1 - 2 * std::fabs(u) + 1e-7f);
}

// name -> values of one tensor.
struct Stream {
  const char* name;
  float (*next)(Rng&);
};
const Stream kStreams[] = {
    {"normal", [](Rng& r) { return r.normal(); }},
    {"laplace", [](Rng& r) { return laplace(r); }},
    {"outliers", [](Rng& r) { return r.below(20000) == 0 ? 60.0f : r.normal(); }},
    {"half_normal", [](Rng& r) { return std::max(0.0f, r.normal()); }},
    {"negative", [](Rng& r) { return -std::fabs(r.normal()); }},
    {"shifted", [](Rng& r) { return r.normal() + 3; }},
    {"one_side_rare", [](Rng& r) { return r.below(1000) == 0 ? -r.uniform() : 4 * r.uniform(); }},
    {"zeros", [](Rng&) { return 0.0f; }},
    {"constant", [](Rng&) { return 2.5f; }},
    {"tiny", [](Rng& r) { return 1e-40f * r.normal(); }},
    {"huge", [](Rng& r) { return 1e37f * r.normal(); }},
};

std::vector<float> values_of(const Stream& stream, size_t n = 40000) {
  Rng rng(7);
  std::vector<float> values(n);
  for (float& v : values) v = stream.next(rng);
  return values;
}

Observation seen(const std::vector<float>& values) {
  Observation observation;
  observation.update(values);
  return observation;
}

Grid affine(int bits) { return make_grid({.bits = bits, .is_signed = false}); }

Range range_of(std::string_view observer, const Observation& observation, const Grid& grid) {
  return find_observer(observer)(observation, grid, {});
}

// Mean squared error over the values themselves.
double error_of(const std::vector<float>& values, Range range, const Grid& grid) {
  const QuantError error = quant_error(Sample::of(values), choose_params(range, grid), grid);
  return (error.rounding + error.saturation) / static_cast<double>(values.size());
}

TEST(Observers, RangesContainZeroAndLieWithinTheExtremes) {
  for (const Stream& stream : kStreams) {
    const Observation observation = seen(values_of(stream));
    const Range extremes = observation.extremes();
    for (const std::string_view name : observer_names()) {
      for (const int bits : {2, 4, 8, 16}) {
        for (const bool symmetric : {false, true}) {
          const Grid grid = make_grid({.bits = bits, .symmetric = symmetric, .restricted = symmetric});
          const Range range = range_of(name, observation, grid);
          EXPECT_LE(range.low, 0) << stream.name << " " << name << " " << bits;
          EXPECT_GE(range.high, 0) << stream.name << " " << name << " " << bits;
          EXPECT_GE(range.low, extremes.low) << stream.name << " " << name << " " << bits;
          EXPECT_LE(range.high, extremes.high) << stream.name << " " << name << " " << bits;
          EXPECT_EQ(range.low < range.high, extremes != Range{}) << stream.name << " " << name << " " << bits;
        }
      }
    }
  }
}

TEST(Observers, EmptyStreamsAndNonFiniteValues) {
  for (const std::string_view name : observer_names()) {
    EXPECT_EQ(range_of(name, Observation(), affine(8)), Range{}) << name;
    const Observation odd = seen({2.0f, 3.0f, kNan, kInf, -kInf});
    EXPECT_EQ(odd.count(), 2u);
    EXPECT_EQ(odd.non_finite(), 3u);
    EXPECT_LE(range_of(name, odd, affine(8)).high, 3.0f) << name;
  }
  EXPECT_EQ(find_observer("maxmin"), nullptr);
}

// Long enough for several pieces of the look for extremes, and for a sample in the histogram.
TEST(Observers, LongTensorsAreSampledButForTheirExtremes) {
  std::vector<float> values(200001, 0.5f);
  values[12345] = -7;
  values[70001] = 9;
  const Observation whole = seen(values);
  EXPECT_EQ(whole.extremes(), (Range{-7, 9}));
  EXPECT_EQ(whole.count(), values.size());
  EXPECT_NEAR(static_cast<double>(whole.histogram().total()), 200001, 10);
  values[100000] = kNan;
  values[100001] = kInf;
  values[0] = -3e38f;
  values[16] = -3e38f;
  values[20000] = 3e38f;
  values[20016] = 3e38f;  // sums overflow, and are no reason to leave anything out
  const Observation odd = seen(values);
  EXPECT_EQ(odd.extremes(), (Range{-3e38f, 3e38f}));
  EXPECT_EQ(odd.non_finite(), 2u);
  EXPECT_EQ(odd.count(), values.size() - 2);
}

TEST(Observers, NeitherOrderNorPiecesMatter) {
  for (const Stream& stream : kStreams) {
    const std::vector<float> values = values_of(stream);
    const Observation whole = seen(values);
    Observation parts[2];
    for (size_t end = values.size(); end > 0; end -= std::min<size_t>(end, 977)) {
      const size_t begin = end - std::min<size_t>(end, 977);
      parts[begin % 2].update(std::span(values).subspan(begin, end - begin));
    }
    parts[0].merge(parts[1]);
    for (const std::string_view name : observer_names()) {
      if (name == "moving_average") continue;  // by definition
      EXPECT_EQ(range_of(name, parts[0], affine(8)), range_of(name, whole, affine(8))) << stream.name << " " << name;
    }
    EXPECT_EQ(parts[0].count(), whole.count());
  }
}

TEST(Observers, MovingAverageFollowsSlowly) {
  Observation observation;
  observation.update(std::vector<float>{-1, 2});
  observation.update(std::vector<float>{-3, 102});
  const Range range = range_of("moving_average", observation, affine(8));
  EXPECT_FLOAT_EQ(range.low, -1.02f);
  EXPECT_FLOAT_EQ(range.high, 3);
}

TEST(Observers, PercentileLeavesOutBothTails) {
  std::vector<float> values;
  for (int i = -1000; i <= 1000; ++i) values.push_back(static_cast<float>(i) / 1000);
  const Range range = find_observer("percentile")(seen(values), affine(8), {.percentile = 90});
  EXPECT_NEAR(range.low, -0.9f, 0.002f);
  EXPECT_NEAR(range.high, 0.9f, 0.002f);
  EXPECT_EQ(find_observer("percentile")(seen(values), affine(8), {.percentile = 100}), (Range{-1, 1}));
}

// No range on a fine raster does noticeably better over the values themselves.
TEST(Observers, MseIsTheLeastSquaredError) {
  for (const Stream& stream : kStreams) {
    const std::vector<float> values = values_of(stream, 2000);
    const Observation observation = seen(values);
    const Range extremes = observation.extremes();
    for (const int bits : {2, 3, 4, 8}) {
      const Grid grid = affine(bits);
      double best = error_of(values, extremes, grid);
      for (int l = 1; l <= 24; ++l) {
        for (int h = 1; h <= 24; ++h) {
          const Range range = {extremes.low * static_cast<float>(l) / 24, extremes.high * static_cast<float>(h) / 24};
          best = std::min(best, error_of(values, range, grid));
        }
      }
      const double found = error_of(values, range_of("mse", observation, grid), grid);
      EXPECT_LE(found, best * 1.08) << stream.name << " " << bits;
      EXPECT_LE(found, error_of(values, extremes, grid) * 1.001) << stream.name << " " << bits;
    }
  }
}

TEST(Observers, SqnrSaturatesLessThanMse) {
  for (const int bits : {3, 4, 6}) {
    const std::vector<float> values = values_of(kStreams[1]);
    const Range mse = range_of("mse", seen(values), affine(bits)), sqnr = range_of("sqnr", seen(values), affine(bits));
    EXPECT_GT(sqnr.high, mse.high) << bits;
    EXPECT_LT(sqnr.low, mse.low) << bits;
  }
}

// Thresholds in units of the distribution, as the paper prints them.
TEST(Observers, AciqThresholdsAreThoseOfThePaper) {
  const struct {
    size_t stream;
    int bits;
    float threshold;
  } cases[] = {{0, 2, 1.71f}, {0, 3, 2.15f}, {0, 4, 2.55f}, {1, 2, 2.83f}, {1, 3, 3.89f}, {1, 4, 5.03f}};
  for (const auto& c : cases) {
    const Observation observation = seen(values_of(kStreams[c.stream], 200000));
    const Range range = range_of("aciq", observation, affine(c.bits));
    EXPECT_NEAR(range.high, c.threshold, 0.12f * c.threshold) << kStreams[c.stream].name << " " << c.bits;
    EXPECT_NEAR(range.low, -c.threshold, 0.12f * c.threshold) << kStreams[c.stream].name << " " << c.bits;
  }
}

// Three values in 40,000 must not decide about the others' precision.
TEST(Observers, OutliersAreCutOff) {
  const Observation observation = seen(values_of(kStreams[2]));
  EXPECT_EQ(range_of("minmax", observation, affine(8)).high, 60);
  for (const std::string_view name : {"entropy", "aciq"}) {
    EXPECT_LT(range_of(name, observation, affine(8)).high, 20) << name;
  }
  EXPECT_LT(range_of("mse", observation, affine(4)).high, 20);
}

TEST(Observers, SixteenBitsCutOffNothing) {
  for (const std::string_view name : {"entropy", "mse", "sqnr"}) {
    const Observation observation = seen(values_of(kStreams[0]));
    EXPECT_EQ(range_of(name, observation, affine(16)), observation.extremes()) << name;
  }
}

TEST(WeightRange, FewValuesAreSearchedExactly) {
  const std::vector<float> values = {-1.0f, 0.14f, 0.15f, -0.15f, 0.16f, 0.3f, -0.29f, 0.31f, 0.0f};
  const Grid grid = make_grid({.bits = 3, .symmetric = true, .restricted = true});
  const double found = error_of(values, weight_range("mse", values, grid, {}), grid);
  for (int i = 1; i <= 1000; ++i) {
    const float bound = static_cast<float>(i) / 1000;
    EXPECT_LE(found, error_of(values, {-bound, bound}, grid) * 1.05) << bound;
  }
}

TEST(WeightRange, EveryObserverTakesFewAndManyValues) {
  for (const std::string_view name : weight_observer_names()) {
    for (const size_t n : {1u, 9u, 5000u}) {
      const std::vector<float> values = values_of(kStreams[0], n);
      const Range range = weight_range(name, values, make_grid({.bits = 4, .symmetric = true, .restricted = true}), {});
      EXPECT_LT(range.low, range.high) << name << " " << n;
      EXPECT_LE(std::max(-range.low, range.high), 6) << name << " " << n;
    }
  }
}

}  // namespace
}  // namespace halftone
