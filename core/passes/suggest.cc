// Nearest name by edit distance, letters compared without case.
#include "core/passes/suggest.h"

#include <algorithm>
#include <vector>

namespace halftone {
namespace {

// Names longer than this are compared by their beginning: recipes are untrusted, the table is quadratic.
constexpr size_t kMaxLength = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, kMaxLength);
  b = b.substr(0, kMaxLength);
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string suggest(std::string_view wrong, std::span<const std::string_view> known, size_t list_limit) {
  std::string hint;
  std::string_view best;
  size_t best_distance = std::max<size_t>(2, wrong.size() / 3) + 1;
  for (std::string_view name : known) {
    const size_t distance = edit_distance(wrong, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  if (!best.empty()) hint = "Did you mean \"" + std::string(best) + "\"? ";
  if (known.empty()) return hint;
  hint += "Known: ";
  for (size_t i = 0; i < std::min(known.size(), list_limit); ++i) hint += (i ? ", " : "") + std::string(known[i]);
  hint += known.size() > list_limit ? ", and " + std::to_string(known.size() - list_limit) + " more." : ".";
  return hint;
}

}  // namespace halftone
