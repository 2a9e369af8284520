// Writes protobuf's wire format straight into the output string, or only counts its bytes: a nested message needs its
// length in front, and counting first means that weights are never copied into a message object.
// Source: protobuf encoding specification.
#pragma once

#include <google/protobuf/message_lite.h>

#include <string>
#include <string_view>

namespace halftone {

class WireWriter {
 public:
  // nullptr: counts only.
  explicit WireWriter(std::string* out) : out_(out) {}

  int64_t size() const { return size_; }

  void varint_field(int number, int64_t value) {
    varint(static_cast<uint64_t>(number) << 3);
    varint(static_cast<uint64_t>(value));
  }
  void bytes_field(int number, std::string_view value) {
    header(number, static_cast<int64_t>(value.size()));
    raw(value);
  }
  // `size` bytes that `copy(uint8_t*)` writes where they are wanted.
  template <typename Copy>
  void copied_field(int number, int64_t size, const Copy& copy) {
    header(number, size);
    size_ += size;
    if (out_ == nullptr || size == 0) return;
    const size_t at = out_->size();
    out_->resize(at + static_cast<size_t>(size));
    copy(reinterpret_cast<uint8_t*>(out_->data() + at));
  }
  // proto2 strings that are empty are left out, as every ONNX exporter does.
  void text_field(int number, std::string_view value) {
    if (!value.empty()) bytes_field(number, value);
  }
  void message_field(int number, const google::protobuf::MessageLite& message) {
    bytes_field(number, message.SerializePartialAsString());
  }
  // A nested message that `body(WireWriter&)` writes; the body runs twice, first to count.
  template <typename Body>
  void nested_field(int number, const Body& body) {
    WireWriter counter(nullptr);
    body(counter);
    header(number, counter.size());
    if (out_ != nullptr) {
      body(*this);
    } else {
      size_ += counter.size();
    }
  }
  // Bytes that are fields already.
  void raw(std::string_view bytes) {
    size_ += static_cast<int64_t>(bytes.size());
    if (out_ != nullptr) out_->append(bytes);
  }

 private:
  void header(int number, int64_t length) {
    varint(static_cast<uint64_t>(number) << 3 | 2);
    varint(static_cast<uint64_t>(length));
  }
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<uint8_t>(value | 0x80));
    byte(static_cast<uint8_t>(value));
  }
  void byte(uint8_t value) {
    ++size_;
    if (out_ != nullptr) out_->push_back(static_cast<char>(value));
  }

  std::string* out_;
  int64_t size_ = 0;
};

}  // namespace halftone
