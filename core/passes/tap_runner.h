// Runs a model as far as some of its values need and hands those to whoever looks at data: graph inputs, outputs and
// values between nodes alike, by name. Nothing is kept.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/runtime/executor.h"

namespace halftone {

class TapRunner {
 public:
  // index: of the name in the list.
  using Look = std::function<Status(size_t index, const Tensor& tensor)>;

  // names: without repetitions. integer: run quantized clusters on integers, as the page does. Errors: as compile(),
  // kInternal for a name that the model does not have.
  static Result<TapRunner> create(const Model& model, std::vector<std::string> names, bool integer);

  // Errors: as Executor::run(), kInvalidInput for a feed that is missing, and those of `look`.
  Status run(const Feeds& feeds, const Look& look);

 private:
  std::unique_ptr<Executor> executor_;  // null: nothing but the model's inputs is looked at
  std::vector<std::string> names_;
  std::vector<int64_t> outputs_;  // by name: which output of the program; -1: a feed
};

}  // namespace halftone
