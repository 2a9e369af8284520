// Dims and SymShape: counting, broadcasting, what shape inference may learn.
#include "core/tensor/shape.h"

#include <gtest/gtest.h>

namespace halftone {
namespace {

SymShape sym(std::initializer_list<Dim> dims) { return SymShape(std::vector<Dim>(dims)); }

TEST(Shape, ElementCountRefusesNegativeSizesAndOverflow) {
  constexpr int64_t kHuge = int64_t{1} << 40;
  EXPECT_EQ(element_count(Dims{}), 1);
  EXPECT_EQ(element_count(Dims{2, 3, 4}), 24);
  EXPECT_EQ(element_count(Dims{kHuge, 0, kHuge}), 0);
  EXPECT_EQ(element_count(Dims{kHuge, kHuge}), std::nullopt);
  EXPECT_EQ(element_count(Dims{2, -1}), std::nullopt);
  EXPECT_EQ(element_count(Dims{0, -1}), std::nullopt);
}

TEST(Shape, AxesCountFromEitherEnd) {
  EXPECT_EQ(normalize_axis(0, 3), 0);
  EXPECT_EQ(normalize_axis(-1, 3), 2);
  EXPECT_EQ(normalize_axis(-3, 3), 0);
  for (const int64_t axis : {int64_t{3}, int64_t{-4}, INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(normalize_axis(axis, 3), std::nullopt);
  }
  EXPECT_EQ(normalize_axis(0, 0), std::nullopt);
}

TEST(Shape, StridesAreRowMajor) {
  EXPECT_EQ(row_major_strides(Dims{}), Dims{});
  EXPECT_EQ(row_major_strides(Dims{2, 3, 4}), (Dims{12, 4, 1}));
  EXPECT_EQ(row_major_strides(Dims{0, int64_t{1} << 40, int64_t{1} << 40}).size(), 3u);  // must not trap
}

TEST(Shape, BroadcastingIsNumPys) {
  struct Case {
    Dims a, b;
    std::optional<Dims> out;
  };
  const Case cases[] = {
      {{}, {}, Dims{}},
      {{2, 3}, {}, Dims{2, 3}},
      {{2, 3}, {3}, Dims{2, 3}},
      {{2, 1}, {1, 3}, Dims{2, 3}},
      {{4, 1, 2}, {5, 1}, Dims{4, 5, 2}},
      {{0}, {1}, Dims{0}},
      {{2, 3}, {2}, std::nullopt},
      {{0}, {2}, std::nullopt},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(broadcast_dims(c.a, c.b), c.out) << to_string(c.a) << to_string(c.b);
    EXPECT_EQ(broadcast_dims(c.b, c.a), c.out) << to_string(c.b) << to_string(c.a);
  }
}

TEST(Shape, PrintsWhatIsKnown) {
  EXPECT_EQ(to_string(Dims{}), "[]");
  EXPECT_EQ(to_string(Dims{1, 3, -5}), "[1, 3, -5]");
  EXPECT_EQ(SymShape().to_string(), "?");
  EXPECT_EQ(sym({Dim("batch"), Dim(3), Dim()}).to_string(), "[batch, 3, ?]");
}

TEST(SymShape, ConcreteOnlyWhenEverySizeIsANumber) {
  EXPECT_EQ(SymShape().concrete(), std::nullopt);
  EXPECT_EQ(sym({}).concrete(), Dims{});
  EXPECT_EQ(sym({2, 3}).concrete(), (Dims{2, 3}));
  EXPECT_EQ(sym({2, Dim("n")}).concrete(), std::nullopt);
  EXPECT_EQ(SymShape::unknown_dims(2).concrete(), std::nullopt);
}

TEST(SymShape, AcceptsWhatItDoesNotContradict) {
  EXPECT_TRUE(SymShape().accepts(Dims{1, 2}));
  EXPECT_TRUE(sym({Dim("n"), 2}).accepts(Dims{7, 2}));
  EXPECT_FALSE(sym({Dim("n"), 2}).accepts(Dims{7, 3}));
  EXPECT_FALSE(sym({Dim("n"), 2}).accepts(Dims{7}));
}

TEST(SymShape, DimsAreTheSameOnlyForCertain) {
  EXPECT_TRUE(Dim(3).same(Dim(3)));
  EXPECT_FALSE(Dim(3).same(Dim(4)));
  EXPECT_TRUE(Dim("n").same(Dim("n")));
  EXPECT_FALSE(Dim("n").same(Dim("m")));
  EXPECT_FALSE(Dim().same(Dim()));
  EXPECT_FALSE(Dim("n").same(Dim(3)));
}

TEST(SymShape, RefineTakesNumbersOverSymbolsOverNothing) {
  struct Case {
    SymShape mine, theirs;
    std::string out;  // empty: they contradict each other
  };
  const Case cases[] = {
      {SymShape(), SymShape(), "?"},
      {SymShape(), sym({1, Dim("n")}), "[1, n]"},
      {sym({1, Dim("n")}), SymShape(), "[1, n]"},
      {sym({Dim(), Dim("n")}), sym({Dim("m"), 5}), "[m, 5]"},
      {sym({Dim("n")}), sym({Dim("m")}), "[n]"},
      {sym({4}), sym({Dim("n")}), "[4]"},
      {sym({4}), sym({5}), ""},
      {sym({4}), sym({4, 1}), ""},
      {sym({Dim("n"), 4}), sym({2, 5}), ""},
  };
  for (const Case& c : cases) {
    SymShape shape = c.mine;
    const Status status = shape.refine(c.theirs);
    ASSERT_EQ(status.ok(), !c.out.empty()) << c.mine.to_string() << c.theirs.to_string();
    EXPECT_EQ(shape.to_string(), status.ok() ? c.out : c.mine.to_string());
    if (status.ok()) continue;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidModel);
  }
}

}  // namespace
}  // namespace halftone
