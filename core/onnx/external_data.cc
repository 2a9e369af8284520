// Finding a tensor's bytes in external files; the contract is in external_data.h.
#include "core/onnx/external_data.h"

#include <charconv>

#include "core/onnx/text.h"

namespace halftone {
namespace {

Error bad_entry(std::string_view name, std::string_view key, std::string_view value) {
  return {ErrorCode::kInvalidModel,
          "Tensor " + quoted(name) + " has the external data entry " + std::string(key) + " = " + quoted(value) +
              ", which is not a number of bytes that fits.",
          printable(name), "The file is damaged; export the model again."};
}

Error io_error(std::string_view name, std::string message, std::string_view file) {
  return {ErrorCode::kIo, "Tensor " + quoted(name) + " " + std::move(message), printable(name),
          "Give the file " + quoted(file) + " together with the model."};
}

}  // namespace

Result<RawRange> locate_external(const onnx::TensorProto& proto, int64_t bytes, const ReadOptions& options,
                                 std::string_view name) {
  std::string_view location;
  int64_t offset = 0, length = bytes;
  for (const auto& entry : proto.external_data()) {
    const std::string& key = entry.key();
    const std::string& text = entry.value();
    if (key == "location") location = text;
    if (key != "offset" && key != "length") continue;
    int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size() || number < 0) return bad_entry(name, key, text);
    (key == "offset" ? offset : length) = number;
    if (key == "length" && number != bytes) return bad_entry(name, key, text);
  }
  if (location.empty()) {
    return Error{ErrorCode::kInvalidModel, "Tensor " + quoted(name) + " is external but names no file.",
                 printable(name), "The file is damaged; export the model again."};
  }
  ByteSource* source = options.external_data ? options.external_data(location) : nullptr;
  if (source == nullptr) {
    return io_error(name, "keeps its data in the file " + quoted(location) + ", which was not given.", location);
  }
  if (offset > source->size() || length > source->size() - offset) {
    return io_error(name,
                    "needs bytes " + std::to_string(offset) + " to " + std::to_string(offset) + "+" +
                        std::to_string(length) + " of the file " + quoted(location) + ", which has only " +
                        std::to_string(source->size()) + ".",
                    location);
  }
  return RawRange{source, offset, length};
}

}  // namespace halftone
