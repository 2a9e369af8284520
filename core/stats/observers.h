// Makers of the observers, one per file; observer.cc is their table.
#pragma once

#include <memory>

#include "core/stats/observer.h"

namespace halftone {

std::unique_ptr<Observer> make_minmax_observer();

}  // namespace halftone
