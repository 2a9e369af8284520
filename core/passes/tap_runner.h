// Runs a model as far as some of its values need and shows those to whoever looks at data: graph inputs, outputs and
// values between nodes alike, by name. Nothing is kept or copied.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/runtime/executor.h"

namespace halftone {

class TapRunner {
 public:
  // names: without repetitions. Errors: as compile(), kInternal for a name that the model does not have.
  static Result<TapRunner> create(const Model& model, std::vector<std::string> names);

  // look: by index in the list of names, in the order in which the values are made. Errors: as Executor::run(),
  // kInvalidInput for a feed that is missing, and those of `look`.
  Status run(const Feeds& feeds, const TapFn& look);

 private:
  std::unique_ptr<Executor> executor_;  // null: nothing but the model's inputs is looked at
  std::vector<std::string> fed_, made_;
  std::vector<size_t> fed_index_, made_index_;  // in the list of names
};

}  // namespace halftone
