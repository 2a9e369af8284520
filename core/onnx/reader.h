// ONNX file -> Model. The only place, with writer.h, where protobuf is known.
// Source: ONNX IR specification (onnx/docs/IR.md), onnx.proto.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace halftone {

// Bytes that can be read in pieces: a Blob in a worker, a file, a memory block.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual int64_t size() const = 0;
  // Copies exactly out.size() bytes from `offset`. Error: kIo.
  virtual Status read(int64_t offset, std::span<uint8_t> out) = 0;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  int64_t size() const override { return static_cast<int64_t>(bytes_.size()); }
  Status read(int64_t offset, std::span<uint8_t> out) override;

 private:
  std::span<const uint8_t> bytes_;
};

// What a model may take with its external data: more does not fit in WebAssembly's 4 GB beside what running needs.
inline constexpr int64_t kMaxModelBytes = int64_t{2} << 30;

struct ReadOptions {
  // Size of all external files that were given.
  int64_t external_bytes = 0;
  // External data: the file that `location` names, or nullptr when the caller has none (error kIo naming it).
  std::function<ByteSource*(std::string_view location)> external_data;
  // Called with bytes consumed so far; false cancels (kCancelled).
  std::function<bool(int64_t done, int64_t total)> progress;
};

// Peak memory: the tensors plus about one chunk (raw_data moves into the Tensor, it is not copied).
// The graph comes back sorted topologically and verified. Errors: kInvalidModel (not ONNX, truncated,
// cyclic, a missing input, sizes that disagree or overflow; `where` names the tensor or node), kIo,
// kOutOfMemory for more than kMaxModelBytes, before anything is read.
Result<Model> read_model(ByteSource& source, const ReadOptions& options = {});

// One serialized TensorProto (the ONNX backend tests' data files).
Result<Tensor> read_tensor(std::span<const uint8_t> bytes);

}  // namespace halftone
