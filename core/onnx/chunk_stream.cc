// Chunked reading of a ByteSource; the contract is in chunk_stream.h.
#include "core/onnx/chunk_stream.h"

#include <algorithm>
#include <cstring>

namespace halftone {
namespace {

Status tell_progress(const ReadOptions& options, int64_t done, int64_t total) {
  if (!options.progress || options.progress(done, total)) return ok_status();
  return Error{ErrorCode::kCancelled, "Reading the model was cancelled.", "", ""};
}

}  // namespace

Status MemorySource::read(int64_t offset, std::span<uint8_t> out) {
  const int64_t wanted = static_cast<int64_t>(out.size());
  if (offset < 0 || offset > size() || wanted > size() - offset) {
    return Error{ErrorCode::kIo,
                 "Cannot read " + std::to_string(wanted) + " bytes at offset " + std::to_string(offset) +
                     ": there are " + std::to_string(size()) + ".",
                 "", ""};
  }
  if (wanted > 0) std::memcpy(out.data(), bytes_.data() + offset, out.size());
  return ok_status();
}

ChunkStream::ChunkStream(ByteSource& source, const ReadOptions& options)
    : source_(source), options_(options), size_(source.size()) {}

bool ChunkStream::Next(const void** data, int* size) {
  if (backed_up_ > 0) {
    *data = buffer_.data() + (filled_ - static_cast<size_t>(backed_up_));
    *size = static_cast<int>(backed_up_);
    backed_up_ = 0;
    return true;
  }
  if (!status_.ok() || position_ >= size_) return false;
  filled_ = static_cast<size_t>(std::min(kChunkBytes, size_ - position_));
  if (buffer_.size() < filled_) buffer_.resize(filled_);
  status_ = tell_progress(options_, position_, size_);
  if (status_.ok()) status_ = source_.read(position_, {buffer_.data(), filled_});
  if (!status_.ok()) return false;
  position_ += static_cast<int64_t>(filled_);
  *data = buffer_.data();
  *size = static_cast<int>(filled_);
  return true;
}

void ChunkStream::BackUp(int count) { backed_up_ += count; }

bool ChunkStream::Skip(int count) {
  const int64_t target = ByteCount() + count;
  if (target <= position_) {
    backed_up_ = position_ - target;
    return true;
  }
  seek(std::min(target, size_));
  return target <= size_;
}

void ChunkStream::seek(int64_t offset) {
  position_ = offset;
  backed_up_ = 0;
  filled_ = 0;
}

Status read_in_chunks(ByteSource& source, int64_t offset, std::span<uint8_t> out, const ReadOptions& options) {
  const int64_t total = static_cast<int64_t>(out.size());
  for (int64_t done = 0; done < total;) {
    HT_TRY(tell_progress(options, offset + done, source.size()));
    const int64_t n = std::min(kChunkBytes, total - done);
    HT_TRY(source.read(offset + done, out.subspan(static_cast<size_t>(done), static_cast<size_t>(n))));
    done += n;
  }
  return ok_status();
}

}  // namespace halftone
