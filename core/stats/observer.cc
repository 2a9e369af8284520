// The table of observers by name.
#include "core/stats/observer.h"

#include <array>

#include "core/stats/observers.h"

namespace halftone {
namespace {

struct ObserverDef {
  std::string_view name;
  std::unique_ptr<Observer> (*make)();
};

constexpr std::array kObservers = {
    ObserverDef{"minmax", make_minmax_observer},
};

constexpr auto kNames = [] {
  std::array<std::string_view, kObservers.size()> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = kObservers[i].name;
  return names;
}();

}  // namespace

std::span<const std::string_view> observer_names() { return kNames; }

Result<std::unique_ptr<Observer>> make_observer(std::string_view name) {
  for (const ObserverDef& def : kObservers) {
    if (def.name == name) return def.make();
  }
  std::string known;
  for (std::string_view n : kNames) known += (known.empty() ? "" : ", ") + std::string(n);
  return Error{ErrorCode::kInvalidRecipe, "there is no observer \"" + std::string(name) + "\"", std::string(name),
               "choose one of: " + known};
}

}  // namespace halftone
