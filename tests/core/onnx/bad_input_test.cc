// Files that are no models, and models that are broken: always an Error that says what and where, never a crash.
#include <gtest/gtest.h>

#include <functional>

#include "core/base/rng.h"
#include "tests/core/onnx/proto_util.h"

namespace halftone {
namespace {

using namespace halftone::testing;

struct NotAModel {
  const char* name;
  std::string bytes;
  const char* says;
};

TEST(BadInput, FilesThatAreNotOnnx) {
  const NotAModel cases[] = {
      {"empty", "", "The file is empty"},
      {"png", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16), "a PNG image"},
      {"jpeg", std::string("\xff\xd8\xff\xe0\0\x10JFIF", 10), "a JPEG image"},
      {"html", "<!DOCTYPE html><html><body>404</body></html>", "a web page"},
      {"html with space", "\n\n  <html>", "a web page"},
      {"json", "{\"layers\": []}", "a text file"},
      {"text", "hello, world\n", "a text file"},
      {"zip", std::string("PK\x03\x04\x14\0\0\0", 8), "a ZIP archive"},
      {"hdf5", "\x89HDF\r\n\x1a\n", "an HDF5 file"},
      {"tflite", std::string("\x1c\0\0\0TFL3\0\0", 10), "a TensorFlow Lite model"},
      {"lfs", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a Git LFS pointer"},
      {"zeros", std::string(100, '\0'), "not an ONNX model"},
      {"noise", "\x91\x02\xf3\xd4\xe5\xb6\x87\x98", "not an ONNX model"},
  };
  for (const NotAModel& c : cases) {
    auto model = read_bytes(c.bytes);
    ASSERT_FALSE(model.ok()) << c.name;
    EXPECT_EQ(model.error().code, ErrorCode::kInvalidModel) << c.name;
    EXPECT_NE(model.error().message.find(c.says), std::string::npos) << c.name << ": " << model.error().message;
    EXPECT_FALSE(model.error().hint.empty()) << c.name;
  }
}

struct Broken {
  const char* name;
  std::function<void(onnx::ModelProto&)> breaks;
  const char* says;
  const char* where;
};

onnx::GraphProto& graph_of(onnx::ModelProto& m) { return *m.mutable_graph(); }

// x -> If -> If -> ... `depth` deep.
void nest(onnx::GraphProto& graph, int depth) {
  if (depth == 0) return;
  auto* node = add_node(graph, "If", {"x"}, {"n" + std::to_string(depth)}, "");
  auto* attribute = add_attribute(*node, "then_branch", onnx::AttributeProto::GRAPH);
  nest(*attribute->mutable_g(), depth - 1);
}

const Broken kBroken[] = {
    {"no graph", [](auto& m) { m.clear_graph(); }, "no graph", "graph"},
    {"no opset", [](auto& m) { m.clear_opset_import(); }, "operator set", "opset_import"},
    {"missing initializer", [](auto& m) { graph_of(m).clear_initializer(); }, "'add' reads 'w'", "w"},
    {"undefined output", [](auto& m) { graph_of(m).mutable_output(0)->set_name("nowhere"); }, "'nowhere'", "nowhere"},
    {"produced twice", [](auto& m) { add_node(graph_of(m), "Relu", {"x"}, {"y"}); }, "'y' is defined twice", "y"},
    {"node writes an input", [](auto& m) { graph_of(m).mutable_node(0)->set_output(0, "x"); }, "'x' is defined twice",
     "x"},
    {"two initializers", [](auto& m) { *graph_of(m).add_initializer() = float_tensor("w", {1}); },
     "'w' is defined twice", "w"},
    {"input twice", [](auto& m) { *graph_of(m).add_input() = value_info("x"); }, "'x'", "x"},
    {"unnamed initializer", [](auto& m) { graph_of(m).mutable_initializer(0)->clear_name(); }, "no name", ""},
    {"unnamed output", [](auto& m) { graph_of(m).mutable_output(0)->clear_name(); }, "no name", "g"},
    {"no operator", [](auto& m) { graph_of(m).mutable_node(0)->clear_op_type(); }, "no operator type", "add"},
    {"name not UTF-8", [](auto& m) { graph_of(m).mutable_node(0)->set_name("a\xff"); }, "not UTF-8", "a\\xff"},
    {"value not UTF-8", [](auto& m) { graph_of(m).mutable_node(0)->set_input(0, "\xc3\x28"); }, "not UTF-8", "\\xc3("},
    {"cycle",
     [](auto& m) {
       graph_of(m).mutable_node(0)->set_input(0, "z");
       add_node(graph_of(m), "Relu", {"y"}, {"z"}, "relu");
     },
     "cycle", "add"},
    {"huge input",
     [](auto& m) {
       *graph_of(m).mutable_input(0) = value_info("x", 1, {int64_t{1} << 61, 1 << 10});
     },
     "impossible dimensions", "x"},
    {"input above 4 GB", [](auto& m) { *graph_of(m).mutable_input(0) = value_info("x", 1, {int64_t{1} << 31}); },
     "larger than 4 GB", "x"},
    {"types disagree", [](auto& m) { *graph_of(m).add_value_info() = value_info("w", onnx::TensorProto::INT8); },
     "declared as int8", "w"},
    {"attribute of compiled graphs",
     [](auto& m) {
       auto* attribute = graph_of(m).mutable_node(0)->add_attribute();
       attribute->set_name("halftone.integer");
       attribute->set_type(onnx::AttributeProto::INT);
       attribute->set_i(1);
     },
     "a name that files may not use", "add"},
    {"attribute twice",
     [](auto& m) {
       add_attribute(*graph_of(m).mutable_node(0), "axis", onnx::AttributeProto::INT);
       add_attribute(*graph_of(m).mutable_node(0), "axis", onnx::AttributeProto::INT);
     },
     "'axis' twice", "add"},
    {"tensor attribute without tensor",
     [](auto& m) { add_attribute(*graph_of(m).mutable_node(0), "value", onnx::AttributeProto::TENSOR); }, "holds none",
     "add"},
    {"unnamed attribute", [](auto& m) { add_attribute(*graph_of(m).mutable_node(0), "", onnx::AttributeProto::INT); },
     "no name", "add"},
    {"32 graphs deep", [](auto& m) { nest(graph_of(m), 32); }, "deep", ""},
    {"200 graphs deep", [](auto& m) { nest(graph_of(m), 200); }, "deep", ""},
};

TEST(BadInput, BrokenModels) {
  for (const Broken& c : kBroken) {
    auto proto = tiny_model();
    c.breaks(proto);
    auto model = read_proto(proto);
    ASSERT_FALSE(model.ok()) << c.name;
    EXPECT_EQ(model.error().code, ErrorCode::kInvalidModel) << c.name;
    EXPECT_NE(model.error().message.find(c.says), std::string::npos) << c.name << ": " << model.error().message;
    EXPECT_TRUE(*c.where == 0 || model.error().where == c.where) << c.name << ": " << model.error().where;
    EXPECT_FALSE(model.error().hint.empty()) << c.name;
  }
}

TEST(BadInput, CaptureOfNothing) {
  auto proto = if_model();
  graph_of(proto).clear_initializer();
  auto model = read_proto(proto);
  ASSERT_FALSE(model.ok());
  EXPECT_NE(model.error().message.find("'w'"), std::string::npos) << model.error().message;
}

// Cut anywhere, a model is refused, or (cut between two fields of ModelProto) still is a whole one.
TEST(BadInput, TruncatedAtEveryByte) {
  for (const auto& proto : {tiny_model(), if_model()}) {
    const std::string bytes = proto.SerializeAsString();
    int whole = 0;
    for (size_t n = 0; n < bytes.size(); ++n) {
      auto model = read_bytes(bytes.substr(0, n));
      if (model.ok()) {
        ++whole;
        EXPECT_TRUE(write_model(*model).ok());
        continue;
      }
      EXPECT_EQ(model.error().code, ErrorCode::kInvalidModel) << n;
      EXPECT_FALSE(model.error().message.empty()) << n;
    }
    EXPECT_EQ(whole, 0);  // the opset import comes last here
  }
}

TEST(BadInput, TruncatedRealModel) {
  const auto models = shared_models();
  if (models.empty()) GTEST_SKIP() << "HALFTONE_SHARED is not set: no real models here.";
  Rng rng(7);
  for (const std::string& path : models) {
    const std::string bytes = file_bytes(path);
    if (bytes.size() > 2'000'000) continue;
    for (int i = 0; i < 10; ++i) {
      auto model = read_bytes(bytes.substr(0, rng.below(static_cast<uint32_t>(bytes.size() - 64))));
      ASSERT_FALSE(model.ok()) << path;
      EXPECT_EQ(model.error().code, ErrorCode::kInvalidModel);
      EXPECT_EQ(model.error().message.find("not an ONNX model but"), std::string::npos) << model.error().message;
    }
  }
}

// Flipped bits give an error or a model that can be written and read again.
void flip_and_read(const std::string& bytes, uint64_t seed, int rounds) {
  Rng rng(seed);
  for (int round = 0; round < rounds; ++round) {
    std::string flipped = bytes;
    const uint32_t flips = 1 + rng.below(4);
    for (uint32_t i = 0; i < flips; ++i) {
      flipped[rng.below(static_cast<uint32_t>(flipped.size()))] ^= static_cast<char>(1u << rng.below(8));
    }
    auto model = read_bytes(flipped);
    if (!model.ok()) {
      EXPECT_FALSE(model.error().message.empty());
      continue;
    }
    auto out = write_model(*model);
    ASSERT_TRUE(out.ok());
    auto again = read_bytes(*out);
    ASSERT_TRUE(again.ok()) << "seed " << seed << " round " << round << ": " << again.error().message;
    EXPECT_TRUE(*write_model(*again) == *out) << "seed " << seed << " round " << round;
  }
}

TEST(BadInput, FlippedBits) {
  flip_and_read(tiny_model().SerializeAsString(), 1, 4000);
  flip_and_read(if_model().SerializeAsString(), 2, 4000);
}

TEST(BadInput, FlippedBitsOfARealModel) {
  for (const std::string& path : shared_models()) {
    if (path.find("iris-network") != std::string::npos) flip_and_read(file_bytes(path), 3, 2000);
    if (path.find("mnist-8") != std::string::npos) flip_and_read(file_bytes(path), 4, 500);
  }
}

// A source that fails, and a caller who changes their mind, are told as such.
class FailingSource final : public ByteSource {
 public:
  explicit FailingSource(std::string bytes) : bytes_(std::move(bytes)) {}
  int64_t size() const override { return static_cast<int64_t>(bytes_.size()); }
  Status read(int64_t, std::span<uint8_t>) override { return Error{ErrorCode::kIo, "the disk is gone", "", ""}; }

 private:
  std::string bytes_;
};

TEST(BadInput, FailingSource) {
  FailingSource source(tiny_model().SerializeAsString());
  auto model = read_model(source);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kIo);
  EXPECT_EQ(model.error().message, "the disk is gone");
}

TEST(BadInput, Cancelling) {
  const ReadOptions options{.progress = [](int64_t, int64_t) { return false; }};
  auto model = read_proto(tiny_model(), options);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace halftone
