// Scratch memory of one operator at a time: blocks are handed out one after another, reset() takes all of them
// back. After the first run over a program it is one block that fits every operator, and nothing is allocated.
#pragma once

#include <vector>

#include "core/tensor/tensor.h"

namespace halftone {

class Scratch {
 public:
  // 64-byte aligned, valid until reset(). Errors: kOutOfMemory.
  Result<void*> take(int64_t bytes);
  void reset();
  int64_t bytes() const { return capacity_; }

 private:
  std::vector<Tensor> blocks_;
  int64_t used_ = 0;      // in the last block
  int64_t total_ = 0;     // handed out since reset()
  int64_t capacity_ = 0;  // of all blocks
};

}  // namespace halftone
