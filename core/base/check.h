// HT_CHECK states one of our own invariants: a failure is a bug in Halftone, never bad input.
// It traps at once (std::abort), so that a wrong state cannot spread. Whatever depends on a file,
// a user or a recipe returns Result<T> instead (result.h).
#pragma once

#include <cstdlib>

#define HT_CHECK(condition)          \
  do {                               \
    if (!(condition)) [[unlikely]] { \
      ::std::abort();                \
    }                                \
  } while (false)
