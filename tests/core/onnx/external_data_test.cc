// Weights in other files: several files, offsets, and everything that can be wrong with them.
#include <gtest/gtest.h>

#include <map>

#include "tests/core/onnx/proto_util.h"

namespace halftone {
namespace {

using namespace halftone::testing;

struct Files {
  std::map<std::string, std::string> bytes;
  std::map<std::string, MemorySource> sources;
  std::vector<std::string> asked;

  ReadOptions options() {
    sources.clear();
    for (const auto& [name, content] : bytes) sources.emplace(name, MemorySource(as_bytes(content)));
    return {.external_data = [this](std::string_view location) -> ByteSource* {
      asked.emplace_back(location);
      const auto at = sources.find(std::string(location));
      return at == sources.end() ? nullptr : &at->second;
    }};
  }
};

void make_external(onnx::TensorProto& tensor, std::initializer_list<std::pair<const char*, const char*>> entries) {
  tensor.clear_float_data();
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : entries) {
    auto* entry = tensor.add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
}

std::string floats(std::initializer_list<float> values) {
  return std::string(reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(float));
}

TEST(ExternalData, SeveralFilesAndOffsets) {
  auto proto = tiny_model();
  auto& graph = *proto.mutable_graph();
  make_external(*graph.mutable_initializer(0),
                {{"location", "a.bin"}, {"offset", "4"}, {"length", "8"}, {"checksum", "da39a3ee"}});
  *graph.add_initializer() = float_tensor("v", {0});
  make_external(*graph.mutable_initializer(1), {{"location", "sub/b.bin"}});
  graph.mutable_node(0)->set_input(0, "v");
  Files files;
  files.bytes = {{"a.bin", "xxxx" + floats({3, 4}) + "tail"}, {"sub/b.bin", floats({5})}};
  const auto options = files.options();
  auto model = read_proto(proto, options);
  ASSERT_TRUE(model.ok()) << model.error().message;
  const Graph& g = model->graph;
  EXPECT_TRUE(g.value(g.find_value("w")).constant.identical(Tensor::of<float>({2}, {3, 4})));
  EXPECT_TRUE(g.value(g.find_value("v")).constant.identical(Tensor::of<float>({1}, {5})));
  EXPECT_EQ(files.asked, (std::vector<std::string>{"a.bin", "sub/b.bin"}));
  // Written back the weights are in the file itself.
  const auto out = written(*model);
  EXPECT_EQ(out.graph().initializer(0).external_data_size(), 0);
  EXPECT_EQ(out.graph().initializer(0).data_location(), onnx::TensorProto::DEFAULT);
  EXPECT_EQ(out.graph().initializer(0).raw_data(), floats({3, 4}));
}

struct BadCase {
  std::initializer_list<std::pair<const char*, const char*>> entries;
  ErrorCode code;
  const char* says;
};

TEST(ExternalData, ErrorsNameTensorAndFile) {
  const BadCase cases[] = {
      {{{"location", "missing.bin"}}, ErrorCode::kIo, "'missing.bin', which was not given"},
      {{{"location", "a.bin"}, {"offset", "2"}}, ErrorCode::kIo, "'a.bin', which has only 8"},
      {{{"location", "a.bin"}, {"offset", "999999999999"}}, ErrorCode::kIo, "has only 8"},
      {{{"location", "a.bin"}, {"offset", "9223372036854775807"}}, ErrorCode::kIo, "has only 8"},
      {{{"location", "a.bin"}, {"offset", "-1"}}, ErrorCode::kInvalidModel, "offset = '-1'"},
      {{{"location", "a.bin"}, {"offset", "99999999999999999999"}}, ErrorCode::kInvalidModel, "offset"},
      {{{"location", "a.bin"}, {"offset", "4x"}}, ErrorCode::kInvalidModel, "'4x'"},
      {{{"location", "a.bin"}, {"length", "4"}}, ErrorCode::kInvalidModel, "length = '4'"},
      {{{"offset", "0"}}, ErrorCode::kInvalidModel, "names no file"},
  };
  for (const BadCase& c : cases) {
    auto proto = tiny_model();
    make_external(*proto.mutable_graph()->mutable_initializer(0), c.entries);
    Files files;
    files.bytes = {{"a.bin", floats({3, 4})}};
    auto model = read_proto(proto, files.options());
    ASSERT_FALSE(model.ok()) << c.says;
    EXPECT_EQ(model.error().code, c.code) << c.says;
    EXPECT_EQ(model.error().where, "w") << c.says;
    EXPECT_NE(model.error().message.find(c.says), std::string::npos) << model.error().message;
    EXPECT_NE(model.error().message.find("'w'"), std::string::npos) << model.error().message;
  }
}

// Nothing is read of what cannot fit: the error comes from sizes alone.
TEST(ExternalData, TooMuchIsRefusedBeforeItIsRead) {
  Files files;
  auto options = files.options();
  options.external_bytes = (int64_t{3} << 30) + (int64_t{1} << 28);
  const auto model = read_proto(tiny_model(), options);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kOutOfMemory);
  EXPECT_NE(model.error().message.find("3.3 GB"), std::string::npos) << model.error().message;
  EXPECT_NE(model.error().hint.find("2.0 GB"), std::string::npos) << model.error().hint;
  EXPECT_TRUE(files.asked.empty());
}

TEST(ExternalData, WithoutACallbackItIsMissing) {
  auto proto = tiny_model();
  make_external(*proto.mutable_graph()->mutable_initializer(0), {{"location", "a.bin"}});
  auto model = read_proto(proto);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kIo);
  EXPECT_NE(model.error().hint.find("a.bin"), std::string::npos);
}

TEST(ExternalData, StringsCannotBeOutside) {
  auto proto = tiny_model();
  auto& tensor = *proto.mutable_graph()->mutable_initializer(0);
  make_external(tensor, {{"location", "a.bin"}});
  tensor.set_data_type(onnx::TensorProto::STRING);
  EXPECT_FALSE(read_proto(proto).ok());
}

}  // namespace
}  // namespace halftone
