// A network with a weight of every kind that passes for weights find, and data for it.
#pragma once

#include <vector>

#include "tests/core/passes/build.h"
#include "tests/core/passes/run_pass.h"

namespace halftone::testing {

// One network with a weight of every kind.
inline Model zoo() {
  Build build(13);
  build.input("ids", {5}, DType::kInt64)
      .constant("table", random_tensor({7, 40}, 1))
      .node("Gather", {"table", "ids"}, {"e"})  // [5, 40]
      .constant("m", random_tensor({40, 36}, 2))
      .node("MatMul", {"e", "m"}, {"a"})  // [5, 36]
      .constant("g", random_tensor({48, 36}, 3))
      .constant("gb", random_tensor({48}, 4))
      .node("Gemm", {"a", "g", "gb"}, {"b"}, {{"transB", Attribute(int64_t{1})}})  // [5, 48]
      .constant("l", random_tensor({20, 5}, 5))
      .node("MatMul", {"l", "b"}, {"c"})  // [20, 48]
      .constant("s", Tensor::of<int64_t>({4}, {1, 20, 6, 8}))
      .node("Reshape", {"c", "s"}, {"d"})
      .constant("w", random_tensor({6, 20, 3, 3}, 6))
      .constant("wb", random_tensor({6}, 7))
      .node("Conv", {"d", "w", "wb"}, {"f"}, {{"pads", Attribute(std::vector<int64_t>{1, 1, 1, 1})}})  // [1, 6, 6, 8]
      .constant("dw", random_tensor({6, 1, 3, 3}, 8))
      .node("Conv", {"f", "dw"}, {"h"}, {{"group", Attribute(int64_t{6})}})  // [1, 6, 4, 6]
      .constant("t", random_tensor({6, 4, 2, 2}, 9))
      .node("ConvTranspose", {"h", "t"}, {"y"}, {{"group", Attribute(int64_t{2})}})
      .output("y");
  return build.done();
}

inline std::vector<Feeds> zoo_feeds() {
  std::vector<Feeds> feeds;
  for (int64_t i = 0; i < 4; ++i) {
    feeds.push_back({{"ids", Tensor::of<int64_t>({5}, {i % 7, (i + 2) % 7, (i * 3) % 7, 6, 1})}});
  }
  return feeds;
}

inline Model recurrent() {
  return Build()
      .input("x", {3, 1, 4})
      .constant("w", random_tensor({1, 8, 4}, 1))
      .constant("r", random_tensor({1, 8, 2}, 2))
      .node("LSTM", {"x", "w", "r"}, {"y"}, {{"hidden_size", Attribute(int64_t{2})}})
      .output("y")
      .done();
}

}  // namespace halftone::testing
