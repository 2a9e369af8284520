// Walks protobuf's wire format field by field, so that the big messages (ModelProto, GraphProto, TensorProto) are
// never held whole: nodes and initializers are converted as they go by, weights are read straight into tensors.
// Everything below that is left to the generated classes.
// Source: protobuf encoding specification (tag = field number * 8 + wire type, base-128 varints).
#pragma once

#include <google/protobuf/message_lite.h>

#include <string>

#include "core/onnx/chunk_stream.h"

namespace halftone {

class WireReader {
 public:
  enum WireType : int { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  struct Field {
    int number = 0;
    int type = 0;
    uint64_t varint = 0;  // the value of kVarint, kFixed64 and kFixed32 fields
    int64_t length = 0;   // kBytes: the payload's bytes; the reader stands at its first one
  };

  WireReader(ByteSource& source, const ReadOptions& options) : stream_(source, options) {}

  int64_t size() const { return stream_.size(); }
  int64_t position() const { return stream_.ByteCount() - (end_ - at_); }

  // All of these answer false when the bytes are malformed or reach beyond `end`, or when the source failed or
  // the caller cancelled (then status() says so).
  bool next(int64_t end, Field& field);
  bool skip(int64_t bytes);
  bool read(int64_t bytes, std::string& out);
  bool parse(int64_t bytes, google::protobuf::MessageLite& message);
  // Appends the field, as it stands in the file, to `out`.
  bool copy(const Field& field, std::string& out);

  const Status& status() const { return stream_.status(); }

 private:
  bool refill();
  bool read_varint(int64_t end, uint64_t& out);
  bool read_fixed(int64_t end, int bytes, uint64_t& out);
  void give_back();

  ChunkStream stream_;
  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
};

}  // namespace halftone
