// Every preset is a recipe that its own passes accept.
#include "core/recipe/presets.h"

#include <gtest/gtest.h>

#include <set>

#include "core/recipe/recipe.h"

namespace halftone {
namespace {

TEST(Presets, AreRecipes) {
  std::set<std::string_view> names;
  for (const Preset& preset : presets()) {
    EXPECT_TRUE(names.insert(preset.name).second) << preset.name;
    EXPECT_FALSE(preset.label.empty());
    EXPECT_FALSE(preset.summary.empty());
    const auto recipe = parse_recipe(preset.recipe);
    ASSERT_TRUE(recipe.ok()) << preset.name << ": " << recipe.error().message << " " << recipe.error().where;
    EXPECT_FALSE(recipe->empty());
  }
  EXPECT_EQ(presets().front().name, "recommended");
}

}  // namespace
}  // namespace halftone
