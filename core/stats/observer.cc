// The table of observers.
#include "core/stats/observer.h"

#include <array>

#include "core/stats/observers.h"

namespace halftone {
namespace {

struct Entry {
  std::string_view name;
  std::unique_ptr<Observer> (*make)();
};

constexpr std::array kObservers = {
    Entry{"minmax", make_minmax_observer},
};

constexpr auto kNames = [] {
  std::array<std::string_view, kObservers.size()> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = kObservers[i].name;
  return names;
}();

}  // namespace

Result<std::unique_ptr<Observer>> make_observer(std::string_view name) {
  std::string known;
  for (const Entry& entry : kObservers) {
    if (entry.name == name) return entry.make();
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  return Error{ErrorCode::kInvalidRecipe, "There is no observer \"" + std::string(name) + "\".", "observer",
               "Use one of: " + known + "."};
}

std::span<const std::string_view> observer_names() { return kNames; }

}  // namespace halftone
