// What the real models want and give, as far as their graphs say it, against what models/INDEX.md says they are.
#include "core/session/session.h"
#include "tests/conformance/models/shared_models.h"

namespace halftone::testing {
namespace {

struct IoCase {
  const char* path;
  // Kind and details of every input, then of every output: "image nchw 3 224x224 imagenet", "classes 1000 softmax".
  const char* inputs;
  const char* outputs;
};

std::string text_of(const Json* value) {
  if (value == nullptr) return "";
  const std::string text = value->is_null() ? "?" : value->dump();
  return text.front() == '"' ? text.substr(1, text.size() - 2) : text;
}

std::string describe(const Json& entry) {
  std::string out = text_of(entry.find("kind"));
  for (const char* key : {"layout", "channels", "length", "classes", "scores"}) {
    if (const Json* value = entry.find(key)) out += " " + text_of(value);
  }
  if (entry.find("width") != nullptr) out += " " + text_of(entry.find("width")) + "x" + text_of(entry.find("height"));
  if (const Json* list = entry.find("normalizations")) out += " " + text_of(list->as_array().at(0).find("id"));
  return out;
}

std::string describe_all(const Json& list) {
  std::string out;
  for (const Json& entry : list.as_array()) out += (out.empty() ? "" : ", ") + describe(entry);
  return out;
}

class DescribeIo : public ::testing::TestWithParam<IoCase> {};

TEST_P(DescribeIo, SaysWhatTheModelIs) {
  if (shared_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder with the models.";
  auto model = load_shared({GetParam().path, 0, 1});
  ASSERT_TRUE(model.ok()) << text(model.error());
  auto session = Session::from_model(*std::move(model));
  ASSERT_TRUE(session.ok()) << text(session.error());
  const Json summary = (*session)->summary();
  const Json* io = summary.find("io");
  ASSERT_NE(io, nullptr);
  EXPECT_EQ(describe_all(*io->find("inputs")), GetParam().inputs);
  EXPECT_EQ(describe_all(*io->find("outputs")), GetParam().outputs);
}

INSTANTIATE_TEST_SUITE_P(
    Shared, DescribeIo,
    ::testing::Values(
        IoCase{"classify/cifar10-resnet_4b.onnx", "image nchw 3 32x32 cifar", "classes 10 logits"},
        IoCase{"classify/cifar10-vit-ibp_3_3_8.onnx", "image nchw 3 32x32 cifar", "classes 10 logits"},
        IoCase{"classify/mnist-8.onnx", "image nchw 1 28x28 raw", "classes 10 logits"},
        IoCase{"classify/mnistfc-256x2.onnx", "vector 784 28x28", "classes 10 logits"},
        IoCase{"classify/stm32-mobilenet_v2_128_0.5.onnx", "image nchw 3 128x128 signed", "classes 2 softmax"},
        IoCase{"classify/mlperftiny-resnet8-cifar10.onnx", "image nchw 3 32x32 cifar", "classes 10 softmax"},
        IoCase{"classify/mobilenetv2-12-dequantized.onnx", "image nchw 3 224x224 imagenet", "classes 1000 logits"},
        IoCase{"classify/squeezenet1.0-fp32.onnx", "image nchw 3 224x224 caffe", "classes 1000 softmax"},
        IoCase{"quantized/mobilenetv2-12-qdq.onnx", "image nchw 3 224x224 imagenet", "classes 1000 logits"},
        IoCase{"quantized/stm32-od-model_onnx_q.onnx", "image nhwc 3 256x256 raw", "box_scores softmax, boxes, boxes"},
        IoCase{"tabular/iris-network.onnx", "vector 4", "classes 3 logits"},
        IoCase{"detect/version-RFB-320.onnx", "image nchw 3 320x240 ultralight", "box_scores softmax, boxes"},
        IoCase{"detect/yolox_nano.onnx", "image nchw 3 416x416 raw", "boxes"},
        IoCase{"detect/yunet_n_320_320.onnx", "image nchw 3 320x320 raw",
               "box_scores sigmoid, box_scores sigmoid, box_scores sigmoid, box_scores sigmoid, box_scores sigmoid, "
               "box_scores sigmoid, boxes, boxes, boxes, boxes, boxes, boxes"},
        IoCase{"ocr/ch_PP-OCRv3_det_infer.onnx", "image nchw 3 ?x? unit", "image"},
        IoCase{"image2image/fns-mosaic.onnx", "image nchw 3 720x720 raw", "image"},
        IoCase{"image2image/super-resolution-core.onnx", "image nchw 1 224x224 unit", "image"},
        IoCase{"audio/basic-pitch-nmp.onnx", "audio 43844", "sequence, sequence, sequence"},
        IoCase{"audio/dtln-model_1.onnx", "vector 257, state", "unknown, state"},
        IoCase{"audio/silero_vad_16k_op15.onnx", "audio ?, state, unknown", "classes 1 logits, state"},
        IoCase{"text/magika-standard_v3_3.onnx", "tokens 2048", "classes 214 softmax"},
        IoCase{"text/aidreams260K-llama.onnx", "tokens ?", "sequence"}),
    [](const auto& info) {
      return test_name({info.param.path, 0, 1});
    });

}  // namespace
}  // namespace halftone::testing
