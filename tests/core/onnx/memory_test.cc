// Peak memory of reading: a model of 100 MB whose bytes are made up as they are asked for, so that everything allocated
// is the reader's, counted by replacing operator new for the whole test program.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/count_memory.h"
#include "tests/core/onnx/proto_util.h"

namespace halftone {
namespace {

using namespace halftone::testing;

constexpr int64_t kOneMegabyte = 1 << 20;

// Literal bytes and runs of zeros, one after the other.
class SparseSource final : public ByteSource {
 public:
  void literal(std::string bytes) {
    size_ += static_cast<int64_t>(bytes.size());
    pieces_.push_back({size_, std::move(bytes)});
  }
  void zeros(int64_t count) {
    size_ += count;
    pieces_.push_back({size_, {}});
  }
  int64_t size() const override { return size_; }
  Status read(int64_t offset, std::span<uint8_t> out) override {
    std::fill(out.begin(), out.end(), 0);
    for (const Piece& piece : pieces_) {
      const int64_t begin = piece.end - static_cast<int64_t>(piece.bytes.size());
      for (int64_t at = std::max(begin, offset); at < std::min(piece.end, offset + static_cast<int64_t>(out.size()));
           ++at) {
        out[static_cast<size_t>(at - offset)] = static_cast<uint8_t>(piece.bytes[static_cast<size_t>(at - begin)]);
      }
    }
    return ok_status();
  }

 private:
  struct Piece {
    int64_t end;
    std::string bytes;
  };
  std::vector<Piece> pieces_;
  int64_t size_ = 0;
};

std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
  return out;
}

std::string header(int field, int64_t length) {
  return varint(static_cast<uint64_t>(field) << 3 | 2) + varint(static_cast<uint64_t>(length));
}

// One piece of a graph that ends in `weight_bytes` zeros, which are some tensor's data.
struct Piece {
  std::string head;
  int64_t weight_bytes;
};

// `head` of a message whose last field is the data of `tensor`, wrapped in `fields` from inside out.
Piece wrap(const onnx::TensorProto& tensor, int64_t bytes, std::vector<std::pair<int, std::string>> fields,
           int data_field = onnx::TensorProto::kRawDataFieldNumber) {
  std::string head = tensor.SerializeAsString() + header(data_field, bytes);
  for (const auto& [field, before] : fields) {
    head = header(field, static_cast<int64_t>(head.size()) + bytes) + head;
    head = before + head;
  }
  return {head, bytes};
}

enum class Kept { kRawData, kFloatData, kConstantNode };

// `count` float weights of `floats` elements each.
SparseSource big_model(int count, int64_t floats, Kept kept) {
  std::vector<Piece> pieces;
  int64_t graph_bytes = 0;
  for (int i = 0; i < count; ++i) {
    onnx::TensorProto tensor;
    tensor.add_dims(floats);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    tensor.set_name("w" + std::to_string(i));
    Piece piece;
    if (kept == Kept::kConstantNode) {
      onnx::AttributeProto attribute;
      attribute.set_name("value");
      attribute.set_type(onnx::AttributeProto::TENSOR);
      onnx::NodeProto node;
      node.set_op_type("Constant");
      node.add_output(tensor.name());
      piece = wrap(tensor, floats * 4,
                   {{onnx::AttributeProto::kTFieldNumber, attribute.SerializeAsString()},
                    {onnx::NodeProto::kAttributeFieldNumber, node.SerializeAsString()},
                    {onnx::GraphProto::kNodeFieldNumber, ""}});
    } else {
      const int field =
          kept == Kept::kRawData ? onnx::TensorProto::kRawDataFieldNumber : onnx::TensorProto::kFloatDataFieldNumber;
      piece = wrap(tensor, floats * 4, {{onnx::GraphProto::kInitializerFieldNumber, ""}}, field);
    }
    graph_bytes += static_cast<int64_t>(piece.head.size()) + piece.weight_bytes;
    pieces.push_back(std::move(piece));
  }
  onnx::ModelProto model;
  model.set_ir_version(8);
  SparseSource source;
  source.literal(model.SerializeAsString() + header(onnx::ModelProto::kGraphFieldNumber, graph_bytes));
  for (Piece& piece : pieces) {
    source.literal(std::move(piece.head));
    source.zeros(piece.weight_bytes);
  }
  onnx::ModelProto tail;
  tail.add_opset_import()->set_version(13);
  source.literal(tail.SerializeAsString());
  return source;
}

struct MemoryCase {
  const char* name;
  int count;
  int64_t floats;
  Kept kept;
};

class PeakMemory : public ::testing::TestWithParam<MemoryCase> {};

TEST_P(PeakMemory, StaysNearTheFile) {
  const MemoryCase& c = GetParam();
  SparseSource source = big_model(c.count, c.floats, c.kept);
  ASSERT_GT(source.size(), 100'000'000);
  Result<Model> model = Error{};
  const int64_t reading = peak_of([&] { model = read_model(source); });
  ASSERT_TRUE(model.ok()) << model.error().message;
  const double ratio = static_cast<double>(reading) / static_cast<double>(source.size());
  RecordProperty("peak_over_file", std::to_string(ratio));
  EXPECT_LT(ratio, 1.3) << c.name;
  int64_t written_bytes = 0;
  const int64_t writing = peak_of([&] {
    auto out = write_model(*model);
    ASSERT_TRUE(out.ok());
    written_bytes = static_cast<int64_t>(out->size());
  });
  EXPECT_NEAR(static_cast<double>(written_bytes), static_cast<double>(source.size()), 1e5);
  EXPECT_LT(static_cast<double>(writing), 1.1 * static_cast<double>(source.size())) << c.name;
}

INSTANTIATE_TEST_SUITE_P(Reader, PeakMemory,
                         ::testing::Values(MemoryCase{"one_initializer", 1, 26'000'000, Kept::kRawData},
                                           MemoryCase{"ten_initializers", 10, 2'600'000, Kept::kRawData},
                                           MemoryCase{"many_small_initializers", 2600, 10'000, Kept::kRawData},
                                           MemoryCase{"constant_nodes", 10, 2'600'000, Kept::kConstantNode},
                                           MemoryCase{"one_float_data", 1, 26'000'000, Kept::kFloatData},
                                           MemoryCase{"many_float_data", 2600, 10'000, Kept::kFloatData}),
                         [](const auto& info) { return std::string(info.param.name); });

// A file cannot make the reader allocate more than it holds: absurd lengths and dims are refused first.
TEST(PeakMemory, IsBoundedByTheFileHoweverMuchItClaims) {
  auto proto = tiny_model();
  auto& tensor = *proto.mutable_graph()->mutable_initializer(0);
  tensor.clear_float_data();
  tensor.clear_dims();
  tensor.add_dims(int64_t{1} << 29);
  const int64_t dims = peak_of([&] { EXPECT_FALSE(read_proto(proto).ok()); });
  EXPECT_LT(dims, 2 * kOneMegabyte);
  // A string that says it has a gigabyte, in a node of twenty bytes.
  const std::string lie = header(onnx::NodeProto::kInputFieldNumber, 1'000'000'000) + "x";
  const std::string graph = header(onnx::GraphProto::kNodeFieldNumber, static_cast<int64_t>(lie.size())) + lie;
  const std::string model =
      std::string("\x08\x08") + header(onnx::ModelProto::kGraphFieldNumber, static_cast<int64_t>(graph.size())) + graph;
  const int64_t lying = peak_of([&] { EXPECT_FALSE(read_bytes(model).ok()); });
  EXPECT_LT(lying, 2 * kOneMegabyte);
}

}  // namespace
}  // namespace halftone
