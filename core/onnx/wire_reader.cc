// Field-by-field reading of protobuf's wire format; the contract is in wire_reader.h.
#include "core/onnx/wire_reader.h"

#include <algorithm>
#include <limits>

namespace halftone {
namespace {

void append_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

}  // namespace

bool WireReader::refill() {
  const void* data = nullptr;
  int size = 0;
  if (!stream_.Next(&data, &size)) return false;
  at_ = static_cast<const uint8_t*>(data);
  end_ = at_ + size;
  return true;
}

void WireReader::give_back() {
  if (end_ > at_) stream_.BackUp(static_cast<int>(end_ - at_));
  at_ = end_ = nullptr;
}

bool WireReader::read_varint(int64_t end, uint64_t& out) {
  out = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (position() >= end || (at_ == end_ && !refill())) return false;
    const uint8_t byte = *at_++;
    out |= static_cast<uint64_t>(byte & 0x7f) << std::min(shift, 63);
    if (byte < 0x80) return true;
  }
  return false;
}

bool WireReader::read_fixed(int64_t end, int bytes, uint64_t& out) {
  out = 0;
  if (end - position() < bytes) return false;
  for (int i = 0; i < bytes; ++i) {
    if (at_ == end_ && !refill()) return false;
    out |= static_cast<uint64_t>(*at_++) << (8 * i);
  }
  return true;
}

bool WireReader::next(int64_t end, Field& field) {
  uint64_t tag = 0;
  if (!read_varint(end, tag) || tag > std::numeric_limits<uint32_t>::max()) return false;
  field = {};
  field.number = static_cast<int>(tag >> 3);
  field.type = static_cast<int>(tag & 7);
  if (field.number == 0) return false;
  switch (field.type) {
    case kVarint:
      return read_varint(end, field.varint);
    case kFixed64:
      return read_fixed(end, 8, field.varint);
    case kFixed32:
      return read_fixed(end, 4, field.varint);
    case kBytes: {
      uint64_t length = 0;
      if (!read_varint(end, length)) return false;
      if (length > static_cast<uint64_t>(end - position())) return false;
      field.length = static_cast<int64_t>(length);
      return true;
    }
    default:
      return false;  // groups: ONNX has none
  }
}

bool WireReader::skip(int64_t bytes) {
  if (bytes <= end_ - at_) {
    at_ += bytes;
    return true;
  }
  const int64_t target = position() + bytes;
  if (target > size()) return false;
  at_ = end_ = nullptr;
  stream_.seek(target);
  return true;
}

bool WireReader::read(int64_t bytes, std::string& out) {
  if (bytes > size() - position()) return false;
  const size_t start = out.size();
  out.resize(start + static_cast<size_t>(bytes));
  for (size_t done = 0; done < static_cast<size_t>(bytes);) {
    if (at_ == end_ && !refill()) return false;
    const size_t n = std::min(static_cast<size_t>(bytes) - done, static_cast<size_t>(end_ - at_));
    std::copy_n(at_, n, out.data() + start + done);
    at_ += n;
    done += n;
  }
  return true;
}

bool WireReader::parse(int64_t bytes, google::protobuf::MessageLite& message) {
  if (bytes > std::numeric_limits<int>::max()) return false;
  give_back();
  const int64_t behind = position() + bytes;
  return message.ParsePartialFromBoundedZeroCopyStream(&stream_, static_cast<int>(bytes)) && position() == behind;
}

bool WireReader::copy(const Field& field, std::string& out) {
  append_varint(out, static_cast<uint64_t>(field.number) << 3 | static_cast<uint64_t>(field.type));
  switch (field.type) {
    case kVarint:
      append_varint(out, field.varint);
      return true;
    case kFixed64:
    case kFixed32:
      for (int i = 0; i < (field.type == kFixed64 ? 8 : 4); ++i)
        out.push_back(static_cast<char>(field.varint >> 8 * i));
      return true;
    default:
      append_varint(out, static_cast<uint64_t>(field.length));
      return read(field.length, out);
  }
}

}  // namespace halftone
