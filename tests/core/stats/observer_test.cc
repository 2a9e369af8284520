// Observers by name, and the min-max one at every length around its lanes.
#include "core/stats/observer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cfloat>
#include <limits>

#include "core/base/rng.h"

namespace halftone {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// What every observer promises, whatever its range.
TEST(Observers, ByName) {
  for (const std::string_view name : observer_names()) {
    auto observer = make_observer(name).value();
    EXPECT_EQ(observer->name(), name);
    EXPECT_EQ(observer->compute(), Range{});
    observer->update(std::vector<float>{2.0f, 3.0f, kNan});
    EXPECT_LE(observer->compute().low, 0.0f);
    EXPECT_GE(observer->compute().high, 0.0f);
    EXPECT_EQ(observer->count(), 2u);
    EXPECT_EQ(observer->non_finite(), 1u);
  }
}

TEST(Observers, AnUnknownNameIsAnErrorThatListsTheKnown) {
  for (const char* name : {"", "MinMax", "entropi"}) {
    auto observer = make_observer(name);
    ASSERT_FALSE(observer.ok());
    EXPECT_EQ(observer.error().code, ErrorCode::kInvalidRecipe);
    EXPECT_EQ(observer.error().where, "observer");
    EXPECT_NE(observer.error().hint.find("minmax"), std::string::npos);
  }
}

Range minmax(std::span<const float> values) {
  auto observer = make_observer("minmax").value();
  observer->update(values);
  return observer->compute();
}

TEST(MinMax, RangesContainZeroAndIgnoreWhatIsNotFinite) {
  struct Case {
    std::vector<float> values;
    Range range;
  };
  const Case cases[] = {
      {{}, {0, 0}},
      {{0.0f, -0.0f}, {0, 0}},
      {{1.0f, 2.0f}, {0, 2}},
      {{-1.0f, -2.0f}, {-2, 0}},
      {{-1.0f, 2.0f}, {-1, 2}},
      {{kNan, kInf, -kInf}, {0, 0}},
      {{kNan, 5.0f, -kInf, -4.0f, kInf}, {-4, 5}},
      {{FLT_MAX, -FLT_MAX}, {-FLT_MAX, FLT_MAX}},
      {{1e-45f, -1e-45f}, {-1e-45f, 1e-45f}},
  };
  for (const Case& c : cases) EXPECT_EQ(minmax(c.values), c.range);
}

TEST(MinMax, FindsTheExtremesAtEveryPosition) {
  for (size_t n = 1; n <= 70; ++n) {
    for (size_t at = 0; at < n; ++at) {
      std::vector<float> values(n, 0.5f);
      values[at] = -3;
      values[n - 1 - at] += 4;
      const auto [low, high] = std::minmax_element(values.begin(), values.end());
      EXPECT_EQ(minmax(values), (Range{std::min(*low, 0.0f), *high})) << n << " " << at;
    }
  }
}

TEST(MinMax, OrderPiecesAndMergingDoNotMatter) {
  Rng rng(6);
  std::vector<float> values(1000);
  for (float& v : values) v = rng.below(20) == 0 ? kNan : rng.normal();
  auto whole = make_observer("minmax").value();
  whole->update(values);
  auto left = make_observer("minmax").value(), right = make_observer("minmax").value();
  for (size_t i = values.size(); i-- > 0;) (i % 3 == 0 ? left : right)->update(std::span(&values[i], 1));
  left->merge(*right);
  EXPECT_EQ(left->compute(), whole->compute());
  EXPECT_EQ(left->count(), whole->count());
  EXPECT_EQ(left->non_finite(), whole->non_finite());
  EXPECT_EQ(whole->count() + whole->non_finite(), values.size());
}

}  // namespace
}  // namespace halftone
