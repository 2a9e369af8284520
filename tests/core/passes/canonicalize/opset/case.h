// A small graph before and after one adapter of core/passes/canonicalize/opset, a function for each of its tables.
// raise_opset_test.cc converts them all.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/core/passes/build.h"

namespace halftone::testing {

struct OpsetCase {
  const char* name;
  int64_t from, to;
  std::function<void(Build&)> build;  // x: [2, 3, 4, 5], output y
  const char* expected;               // the graph as text, and behind it the contents of small constants
};

inline Attribute ints(std::vector<int64_t> values) { return Attribute(std::move(values)); }
inline Attribute floats(std::vector<float> values) { return Attribute(std::move(values)); }
inline Attribute text(std::string value) { return Attribute(std::move(value)); }
inline Attribute integer(int64_t value) { return Attribute(value); }
inline Attribute real(float value) { return Attribute(value); }

// `op`(x) with attributes.
inline std::function<void(Build&)> unary(const char* op, Attributes attributes) {
  return [=](Build& b) { b.node(op, {"x"}, {"y"}, attributes); };
}

// input_cases.cc
std::vector<OpsetCase> axes_cases();
std::vector<OpsetCase> input_cases();
// meaning_cases.cc
std::vector<OpsetCase> broadcast_cases();
std::vector<OpsetCase> softmax_cases();
std::vector<OpsetCase> resize_cases();
// legacy_cases.cc
std::vector<OpsetCase> normalization_cases();
std::vector<OpsetCase> legacy_cases();

}  // namespace halftone::testing
