// Opset conversion of whole models: the executor computes the same before and after, at the opset that per-channel
// quantization needs and at the newest. (That onnxruntime takes the converted files too: tests/web/node.)
#include "core/onnx/writer.h"
#include "core/passes/canonicalize/raise_opset.h"
#include "tests/conformance/models/shared_models.h"

namespace halftone::testing {
namespace {

class OpsetOfModels : public ::testing::TestWithParam<SharedModel> {};

TEST_P(OpsetOfModels, ConversionKeepsOutputs) {
  if (shared_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder with the models.";
  auto model = load_shared(GetParam());
  ASSERT_TRUE(model.ok()) << text(model.error());
  const Feeds feeds = random_feeds(*model, 9, GetParam().low, GetParam().high);
  const RunResult before = ran(*model, feeds);
  for (const int64_t target : {int64_t{13}, int64_t{18}, kMaxOpset}) {
    SCOPED_TRACE(target);
    auto raised = raise_opset(*model, target);
    ASSERT_TRUE(raised.ok()) << text(raised.error());
    EXPECT_GE(raised->opset(), target);
    // What is written is what is run: through the file once.
    auto bytes = write_model(*raised);
    ASSERT_TRUE(bytes.ok()) << text(bytes.error());
    MemorySource source({reinterpret_cast<const uint8_t*>(bytes->data()), bytes->size()});
    auto reread = read_model(source);
    ASSERT_TRUE(reread.ok()) << text(reread.error());
    expect_same_outputs(before, ran(*reread, feeds), 1e-6f);
  }
}

INSTANTIATE_TEST_SUITE_P(Shared, OpsetOfModels, ::testing::ValuesIn(kSharedModels),
                         [](const auto& info) { return test_name(info.param); });

// Models that the executor need not run yet: they convert, and the result is a valid file.
TEST(OpsetConversion, EveryRealModelConverts) {
  if (shared_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder with the models.";
  for (const char* path : {"image2image/fns-mosaic.onnx", "image2image/super-resolution-core.onnx",
                           "audio/silero_vad_16k_op15.onnx", "audio/dtln-model_1.onnx", "audio/basic-pitch-nmp.onnx",
                           "text/magika-standard_v3_3.onnx", "classify/cifar10-vit-ibp_3_3_8.onnx",
                           "ocr/ch_PP-OCRv3_det_infer.onnx", "detect/yolox_nano.onnx", "tabular/iris-network.onnx"}) {
    SCOPED_TRACE(path);
    auto model = load_shared({path, 0, 1});
    ASSERT_TRUE(model.ok()) << text(model.error());
    auto raised = raise_opset(*model, kMaxOpset);
    ASSERT_TRUE(raised.ok()) << text(raised.error());
    EXPECT_TRUE(write_model(*raised).ok());
  }
}

}  // namespace
}  // namespace halftone::testing
