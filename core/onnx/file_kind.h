// What a file is when it is not an ONNX model: a guess from its first bytes, for the error message.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace halftone {

struct FileKind {
  std::string what;  // "a PNG image"; empty: nothing known
  std::string hint;
};

FileKind guess_file_kind(std::span<const uint8_t> head);

}  // namespace halftone
