// ByteSource as protobuf's ZeroCopyInputStream: one buffer of about a megabyte, whatever the size of the file.
// What is skipped is never read. Progress is told, and cancellation asked for, once per chunk.
#pragma once

#include <google/protobuf/io/zero_copy_stream.h>

#include <vector>

#include "core/onnx/reader.h"

namespace halftone {

inline constexpr int64_t kChunkBytes = int64_t{1} << 20;

class ChunkStream final : public google::protobuf::io::ZeroCopyInputStream {
 public:
  // Both must outlive the stream. `options` supplies the progress callback.
  ChunkStream(ByteSource& source, const ReadOptions& options);

  bool Next(const void** data, int* size) override;
  void BackUp(int count) override;
  bool Skip(int count) override;
  int64_t ByteCount() const override { return position_ - backed_up_; }

  int64_t size() const { return size_; }
  // Moves to a byte offset of the source; buffered bytes are dropped.
  void seek(int64_t offset);
  // Why Next() failed when it was not the end: kIo from the source, or kCancelled.
  const Status& status() const { return status_; }

 private:
  ByteSource& source_;
  const ReadOptions& options_;
  int64_t size_;
  int64_t position_ = 0;   // offset just behind what the buffer holds
  int64_t backed_up_ = 0;  // bytes at the buffer's end that Next() hands out again
  std::vector<uint8_t> buffer_;
  size_t filled_ = 0;
  Status status_;
};

// Fills `out` from `offset` in chunks, telling progress as bytes of `source`. Errors: kIo, kCancelled.
Status read_in_chunks(ByteSource& source, int64_t offset, std::span<uint8_t> out, const ReadOptions& options);

}  // namespace halftone
