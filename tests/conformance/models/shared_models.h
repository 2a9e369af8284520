// The real models that whole-model tests run, read from the folder that HALFTONE_SHARED names, and what the
// tests ask of their results.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "core/onnx/reader.h"
#include "core/stats/distortion.h"
#include "tests/core/compile/make.h"

namespace halftone::testing {

struct SharedModel {
  const char* path;  // below models/
  float low, high;   // range of random inputs: what the network was trained on, roughly
  bool quantized = false;
};

inline constexpr SharedModel kSharedModels[] = {
    {"classify/mnist-8.onnx", 0, 255},
    {"classify/squeezenet1.0-fp32.onnx", -2, 2},
    {"classify/mobilenetv2-12-dequantized.onnx", -2, 2},
    {"classify/mlperftiny-resnet8-cifar10.onnx", 0, 255},
    {"classify/cifar10-resnet_4b.onnx", -2, 2},
    {"classify/mnistfc-256x2.onnx", 0, 1},
    {"classify/stm32-mobilenet_v2_128_0.5.onnx", -1, 1},
    {"classify/cifar10-vit-ibp_3_3_8.onnx", -2, 2},
    {"tabular/iris-network.onnx", 0, 7},
    {"audio/dtln-model_1.onnx", 0, 5},
    {"detect/version-RFB-320.onnx", -1, 1},
    {"detect/yunet_n_320_320.onnx", 0, 255},
    {"quantized/mobilenetv2-12-qdq.onnx", -2, 2, true},
    {"quantized/stm32-od-model_onnx_q.onnx", 0, 255, true},
};

inline std::vector<SharedModel> quantized_models() {
  std::vector<SharedModel> models;
  for (const SharedModel& m : kSharedModels) {
    if (m.quantized) models.push_back(m);
  }
  return models;
}

inline std::string shared_folder() {
  const char* folder = std::getenv("HALFTONE_SHARED");
  return folder == nullptr ? "" : std::string(folder);
}

// "classify/mnist-8.onnx" -> "mnist_8": a name that GoogleTest takes.
inline std::string test_name(const SharedModel& model) {
  std::string name = model.path;
  name = name.substr(name.find('/') + 1, name.rfind('.') - name.find('/') - 1);
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

inline Result<Model> load_shared(const SharedModel& shared) {
  std::ifstream file(shared_folder() + "/models/" + shared.path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  MemorySource source({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  return read_model(source);
}

// Signal over difference in dB over all float outputs together; infinite where they are equal.
inline double sqnr_db(const RunResult& reference, const RunResult& other) {
  double signal = 0, noise = 0;
  for (size_t i = 0; i < reference.outputs.size(); ++i) {
    const Tensor &r = reference.outputs[i].second, &o = other.outputs[i].second;
    if (r.dtype() != DType::kFloat || r.dims() != o.dims()) continue;
    for (int64_t k = 0; k < r.size(); ++k) {
      const double a = r.data<float>()[static_cast<size_t>(k)], b = o.data<float>()[static_cast<size_t>(k)];
      signal += a * a;
      noise += (a - b) * (a - b);
    }
  }
  return noise == 0 ? INFINITY : 10 * std::log10(signal / noise);
}

}  // namespace halftone::testing
