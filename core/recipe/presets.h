// Recipes that a person picks by name.
#pragma once

#include <span>
#include <string_view>

namespace halftone {

struct Preset {
  std::string_view name;     // for links and programs: "recommended"
  std::string_view label;    // "int8, recommended"
  std::string_view summary;  // one sentence: what one gets, and what it takes
  std::string_view recipe;   // JSON
};

// The first is the one to start with.
std::span<const Preset> presets();

}  // namespace halftone
