// Reading of models and data sets for the tests on real models.
#include "tests/conformance/models/data.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "core/onnx/reader.h"
#include "tests/conformance/models/gunzip.h"

namespace halftone::testing {
namespace {

std::vector<uint8_t> need(const std::string& name) {
  auto bytes = read_file(models_folder() + "/" + name);
  HT_CHECK(bytes.has_value());
  return *std::move(bytes);
}

// Records of a label and 3 x 32 x 32 bytes.
Images cifar(const std::string& name) {
  const std::vector<uint8_t> bytes = need(name);
  Images images{32, 32, 3, {}, {}};
  for (size_t at = 0; at + 3073 <= bytes.size(); at += 3073) {
    images.labels.push_back(bytes[at]);
    for (size_t i = 0; i < 1024; ++i) {
      for (size_t c = 0; c < 3; ++c) images.pixels.push_back(bytes[at + 1 + c * 1024 + i]);
    }
  }
  return images;
}

}  // namespace

std::string models_folder() {
  const char* shared = std::getenv("HALFTONE_SHARED");
  return shared == nullptr || *shared == 0 ? "" : std::string(shared) + "/models";
}

std::optional<std::vector<uint8_t>> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  return path.ends_with(".gz") ? gunzip(bytes) : bytes;
}

Model load_model(const std::string& name) {
  const std::vector<uint8_t> bytes = need(name);
  MemorySource source(bytes);
  auto model = read_model(source);
  HT_CHECK(model.ok());
  return *std::move(model);
}

Tensor Images::tensor(size_t i, const Preprocessing& p) const {
  const size_t plane = static_cast<size_t>(height * width), depth = static_cast<size_t>(channels);
  std::vector<float> values(plane * depth);
  const uint8_t* from = pixels.data() + i * plane * depth;
  for (size_t c = 0; c < depth; ++c) {
    const size_t source = p.bgr ? depth - 1 - c : c;
    for (size_t j = 0; j < plane; ++j) {
      values[c * plane + j] = (static_cast<float>(from[j * depth + source]) * p.scale - p.mean[c]) / p.deviation[c];
    }
  }
  return Tensor::of<float>({1, channels, height, width}, values);
}

Images imagenet200() {
  Images images{224, 224, 3, need("data/imagenet200/imagenet200-224-rgb8.bin.gz"), {}};
  const std::vector<uint8_t> index = need("data/imagenet200/index.tsv");
  std::istringstream lines(std::string(index.begin(), index.end()));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] >= '0' && line[0] <= '9') images.labels.push_back(std::atoll(line.c_str()));
  }
  HT_CHECK(images.pixels.size() == images.labels.size() * 224 * 224 * 3);
  return images;
}

Images imagenet200_wide() {
  const Images square = imagenet200();
  Images wide{240, 320, 3, {}, square.labels};
  wide.pixels.reserve(wide.labels.size() * 240 * 320 * 3);
  for (size_t i = 0; i < wide.labels.size(); ++i) {
    const uint8_t* image = square.pixels.data() + i * 224 * 224 * 3;
    for (size_t y = 0; y < 240; ++y) {
      for (size_t x = 0; x < 320; ++x) {
        const uint8_t* nearest = image + (y * 224 / 240 * 224 + x * 224 / 320) * 3;
        wide.pixels.insert(wide.pixels.end(), nearest, nearest + 3);
      }
    }
  }
  return wide;
}

Images cifar10_calibration() { return cifar("data/cifar10/calib500_train.bin"); }
Images cifar10_test() { return cifar("data/cifar10/test2000.bin.gz"); }

Images mnist_test() {
  const std::vector<uint8_t> pixels = need("data/mnist/t10k-images-idx3-ubyte.gz");
  const std::vector<uint8_t> labels = need("data/mnist/t10k-labels-idx1-ubyte.gz");
  HT_CHECK(pixels.size() == 16 + 10000 * 784 && labels.size() == 8 + 10000);
  return {28, 28, 1, {pixels.begin() + 16, pixels.end()}, {labels.begin() + 8, labels.end()}};
}

}  // namespace halftone::testing
