// Scratch memory of one operator at a time.
#include "core/runtime/scratch.h"

#include <algorithm>

#include "core/compile/memory_plan.h"

namespace halftone {

Result<void*> Scratch::take(int64_t bytes) {
  if (bytes < 0 || bytes > kMaxBytes) {
    return Error{ErrorCode::kOutOfMemory, "An operator asks for more working memory than there may be.", "", ""};
  }
  const int64_t size = std::max(bytes, int64_t{1});
  const int64_t rounded = (size + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
  if (blocks_.empty() || blocks_.back().byte_size() - used_ < rounded) {
    // One block for this and for what was handed out before it: the next operator finds it in one piece.
    const int64_t fresh = std::max(rounded, total_ == 0 ? rounded : std::min(total_ + rounded, kMaxBytes));
    if (total_ == 0) {
      blocks_.clear();
      capacity_ = 0;
    }
    HT_ASSIGN(Tensor block, Tensor::allocate(DType::kUint8, {fresh}, "scratch"));
    blocks_.push_back(std::move(block));
    capacity_ += fresh;
    used_ = 0;
  }
  uint8_t* at = blocks_.back().mutable_bytes() + used_;
  used_ += rounded;
  total_ += rounded;
  return static_cast<void*>(at);
}

void Scratch::reset() {
  if (blocks_.size() > 1) {
    capacity_ = blocks_.back().byte_size();
    blocks_.erase(blocks_.begin(), blocks_.end() - 1);
  }
  used_ = 0;
  total_ = 0;
}

}  // namespace halftone
