// Result, Status and the macros over them.
#include "core/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace halftone {
namespace {

Error error(std::string where) { return Error{ErrorCode::kInvalidModel, "broken", std::move(where), "mend it"}; }

Result<std::unique_ptr<int>> make(int v) {
  if (v < 0) return error("make");
  return std::make_unique<int>(v);
}

Status require(bool ok) { return ok ? ok_status() : Status(error("require")); }

Result<int> add(int a, int b, bool allowed) {
  HT_TRY(require(allowed));
  HT_ASSIGN(auto x, make(a));
  HT_ASSIGN(auto y, make(b));
  HT_TRY(make(*x));
  return *x + *y;
}

TEST(Result, MacrosPassErrorsOnAndMoveValues) {
  EXPECT_EQ(add(1, 2, true).value(), 3);
  EXPECT_EQ(add(1, 2, false).error().where, "require");
  EXPECT_EQ(add(1, -2, true).error().where, "make");
  EXPECT_EQ(add(-1, 2, true).error().hint, "mend it");
}

TEST(Result, ConvertsToBool) {
  EXPECT_TRUE(make(1));
  EXPECT_FALSE(make(-1));
  EXPECT_TRUE(ok_status());
  EXPECT_FALSE(Status(error("")));
}

TEST(ResultDeathTest, TakingWhatIsNotThereIsOurBug) {
  EXPECT_DEATH_IF_SUPPORTED(static_cast<void>(make(-1).value()), "");
  EXPECT_DEATH_IF_SUPPORTED(static_cast<void>(make(1).error()), "");
  EXPECT_DEATH_IF_SUPPORTED(static_cast<void>(ok_status().error()), "");
}

TEST(ErrorCode, NamesAreUniqueSnakeCase) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    const std::string_view name = error_code_name(static_cast<ErrorCode>(code));
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace halftone
