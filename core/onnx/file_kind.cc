// A table of file signatures people drop by mistake; the contract is in file_kind.h.
// Source: the formats' own specifications (magic numbers).
#include "core/onnx/file_kind.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace halftone {
namespace {

struct Signature {
  size_t offset;
  std::string_view magic;
  std::string_view what, hint;
};

constexpr std::string_view kImage = "Images are calibration or test data: load a .onnx model first.";
constexpr std::string_view kExport = "Export the model to ONNX in the framework that made it.";
constexpr std::string_view kUnpack = "Unpack it first and load the .onnx file inside.";
constexpr std::string_view kDownload = "Download the file itself, not the page that shows it.";

constexpr Signature kSignatures[] = {
    {0, "\x89PNG", "a PNG image", kImage},
    {0, "\xff\xd8\xff", "a JPEG image", kImage},
    {0, "GIF8", "a GIF image", kImage},
    {8, "WEBP", "a WebP image", kImage},
    {0, "%PDF", "a PDF document", ""},
    {0, "PK\x03\x04", "a ZIP archive (PyTorch and Keras save models so)", "Unpack it, or export the model to ONNX."},
    {0, "\x1f\x8b", "a gzip file", kUnpack},
    {0, "\x28\xb5\x2f\xfd", "a Zstandard file", kUnpack},
    {257, "ustar", "a tar archive", kUnpack},
    {0, "\x89HDF", "an HDF5 file (Keras saves models so)", kExport},
    {4, "TFL3", "a TensorFlow Lite model", kExport},
    {4, "ORTM", "an ORT-format model", "Load the .onnx file that it was made from."},
    {0, "GGUF", "a GGUF model", kExport},
    {0, "\x93NUMPY", "a NumPy array", "Arrays are calibration or test data: load a .onnx model first."},
    {0, "\x80\x02", "a Python pickle (PyTorch saves models so)", kExport},
    {0, "version https://git-lfs", "a Git LFS pointer, not the model itself",
     "Run `git lfs pull`, or download the file itself."},
};

bool starts_like_markup(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '<';
}

bool is_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c >= 0x20 || c == '\n' || c == '\r' || c == '\t'; });
}

}  // namespace

FileKind guess_file_kind(std::span<const uint8_t> head) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  for (const Signature& s : kSignatures) {
    if (text.size() > s.offset && text.substr(s.offset).starts_with(s.magic)) {
      return {std::string(s.what), std::string(s.hint)};
    }
  }
  if (starts_like_markup(text)) return {"a web page or XML", std::string(kDownload)};
  if (!text.empty() && is_text(text)) return {"a text file", "Load a .onnx file."};
  return {};
}

}  // namespace halftone
