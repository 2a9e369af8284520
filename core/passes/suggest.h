// "Did you mean": the nearest of a set of known names, for the hints of recipe errors.
// Source: optimal string alignment distance (Levenshtein plus swapped neighbours).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace halftone {

// "Did you mean \"observer\"? Known: a, b, c." The first sentence only where a name is near enough, the second
// lists at most `list_limit` names. Empty where nothing is known.
std::string suggest(std::string_view wrong, std::span<const std::string_view> known, size_t list_limit = 24);

}  // namespace halftone
