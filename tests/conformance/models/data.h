// Real models and data sets, from the folder that HALFTONE_SHARED names (its models/DATASETS.md says what they are).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/runtime/executor.h"

namespace halftone::testing {

// HALFTONE_SHARED/models; empty where the variable is not set.
std::string models_folder();
// The file's bytes, unpacked where its name ends in .gz; nullopt: not there.
std::optional<std::vector<uint8_t>> read_file(const std::string& path);
// models_folder()/<name>. CHECKs that it can be read.
Model load_model(const std::string& name);

// Channels of a pixel: value = (v * scale - mean[c]) / deviation[c], c in the order of the tensor.
struct Preprocessing {
  float scale = 1;
  float mean[3] = {0, 0, 0}, deviation[3] = {1, 1, 1};
  bool bgr = false;
};
inline constexpr Preprocessing kImageNet = {1 / 255.0f, {0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};
inline constexpr Preprocessing kCaffe = {1, {104, 117, 123}, {1, 1, 1}, true};
inline constexpr Preprocessing kCifar = {1 / 255.0f, {0.4914f, 0.4822f, 0.4465f}, {0.2471f, 0.2435f, 0.2616f}};
inline constexpr Preprocessing kFaces = {1, {127, 127, 127}, {128, 128, 128}};
inline constexpr Preprocessing kRaw = {};

// Images of one size, channels last.
struct Images {
  int64_t height = 0, width = 0, channels = 0;
  std::vector<uint8_t> pixels;
  std::vector<int64_t> labels;

  size_t size() const { return labels.size(); }
  // Image i as [1, channels, height, width].
  Tensor tensor(size_t i, const Preprocessing& preprocessing) const;
};
Images imagenet200();
// The same, stretched to the size that face detectors want: [240, 320].
Images imagenet200_wide();
Images cifar10_calibration();
Images cifar10_test();
Images mnist_test();

}  // namespace halftone::testing
