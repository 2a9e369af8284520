// What tests of If, Loop and Scan share.
#pragma once

#include "tests/core/compile/make.h"
#include "tests/core/graph/build.h"

namespace halftone::testing {

using testing_graphs::Build;

inline Attributes graphs(std::initializer_list<std::pair<std::string, GraphPtr>> list) {
  Attributes attributes;
  for (const auto& [name, graph] : list) attributes.emplace(name, Attribute(graph));
  return attributes;
}

inline Tensor vec(std::vector<float> v) {
  return Tensor::of<float>({static_cast<int64_t>(v.size())}, std::span<const float>(v));
}

inline std::vector<float> floats(const RunResult& run, size_t output = 0) {
  const auto data = run.outputs.at(output).second.data<float>();
  return {data.begin(), data.end()};
}

}  // namespace halftone::testing
