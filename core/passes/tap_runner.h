// Runs a model on feeds and hands some of its values to whoever looks at data: graph inputs, outputs and values between
// nodes alike, by name. Nothing is kept.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/runtime/executor.h"

namespace halftone {

class TapRunner {
 public:
  // index: of the name in the list. Values of the program's own making are channels-first floats again.
  using Look = std::function<Status(size_t index, const Tensor& tensor)>;

  // integer: run quantized clusters on integers, as the page does. Errors: as compile().
  static Result<TapRunner> create(const Model& model, std::vector<std::string> names, bool integer);

  // Errors: as Executor::run(), and those of `look`.
  Status run(const Feeds& feeds, const Look& look);

 private:
  enum class Source : uint8_t { kFeed, kOutput, kTap };

  std::unique_ptr<Executor> executor_;
  std::vector<std::string> names_;
  std::vector<Source> sources_;
  RunOptions options_;
};

}  // namespace halftone
