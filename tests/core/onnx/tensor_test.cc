// TensorProto in every encoding: typed fields, raw_data, strings, packed types, and sizes that do not fit.
#include <gtest/gtest.h>

#include "tests/core/onnx/proto_util.h"

namespace halftone {
namespace {

using namespace halftone::testing;
using P = onnx::TensorProto;

Result<Tensor> read_back(const P& proto) { return read_tensor(as_bytes(proto.SerializeAsString())); }

P shaped(int type, std::initializer_list<int64_t> dims) {
  P proto;
  proto.set_name("t");
  proto.set_data_type(type);
  for (const int64_t d : dims) proto.add_dims(d);
  return proto;
}

// Five elements 1, 0, 1, 1, 0 (as that type's numbers or bit patterns) through int32_data.
struct Int32Case {
  int type;
  std::vector<int32_t> entries;
  std::vector<uint8_t> bytes;
};

class Int32Data : public ::testing::TestWithParam<Int32Case> {};

TEST_P(Int32Data, Decodes) {
  const Int32Case& c = GetParam();
  P proto = shaped(c.type, {5});
  for (const int32_t v : c.entries) proto.add_int32_data(v);
  auto tensor = read_back(proto);
  ASSERT_TRUE(tensor.ok()) << tensor.error().message;
  EXPECT_EQ(static_cast<int>(tensor->dtype()), c.type);
  EXPECT_EQ(std::vector<uint8_t>(tensor->bytes(), tensor->bytes() + tensor->byte_size()), c.bytes);
  // The same bytes as raw_data are the same tensor.
  P raw = shaped(c.type, {5});
  raw.set_raw_data(std::string(c.bytes.begin(), c.bytes.end()));
  auto again = read_back(raw);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->identical(*tensor));
  // One entry less is an error.
  proto.mutable_int32_data()->RemoveLast();
  EXPECT_FALSE(read_back(proto).ok());
}

INSTANTIATE_TEST_SUITE_P(
    Tensor, Int32Data,
    ::testing::Values(Int32Case{P::INT8, {-1, 0, 1, 127, -128}, {0xff, 0, 1, 0x7f, 0x80}},
                      Int32Case{P::UINT8, {255, 0, 1, 2, 3}, {255, 0, 1, 2, 3}},
                      Int32Case{P::BOOL, {1, 0, 1, 1, 0}, {1, 0, 1, 1, 0}},
                      Int32Case{P::INT16, {-2, 0, 1, 256, 3}, {0xfe, 0xff, 0, 0, 1, 0, 0, 1, 3, 0}},
                      Int32Case{P::UINT16, {65535, 0, 1, 256, 3}, {0xff, 0xff, 0, 0, 1, 0, 0, 1, 3, 0}},
                      Int32Case{P::FLOAT16, {0x3c00, 0, 0xbc00, 1, 0x7bff}, {0, 0x3c, 0, 0, 0, 0xbc, 1, 0, 0xff, 0x7b}},
                      Int32Case{P::BFLOAT16, {0x3f80, 0, 0xbf80, 1, 2}, {0x80, 0x3f, 0, 0, 0x80, 0xbf, 1, 0, 2, 0}},
                      Int32Case{P::FLOAT8E4M3FN, {0x38, 0, 0xb8, 1, 0x7e}, {0x38, 0, 0xb8, 1, 0x7e}},
                      Int32Case{P::FLOAT8E4M3FNUZ, {0x38, 0, 0xb8, 1, 2}, {0x38, 0, 0xb8, 1, 2}},
                      Int32Case{P::FLOAT8E5M2, {0x3c, 0, 0xbc, 1, 2}, {0x3c, 0, 0xbc, 1, 2}},
                      Int32Case{P::FLOAT8E5M2FNUZ, {0x3c, 0, 0xbc, 1, 2}, {0x3c, 0, 0xbc, 1, 2}},
                      Int32Case{P::FLOAT8E8M0, {127, 0, 128, 1, 2}, {127, 0, 128, 1, 2}},
                      Int32Case{P::UINT4, {0x21, 0x43, 0x05}, {0x21, 0x43, 0x05}},
                      Int32Case{P::INT4, {0xf1, 0x87, 0x01}, {0xf1, 0x87, 0x01}},
                      Int32Case{P::FLOAT4E2M1, {0x12, 0x34, 0x05}, {0x12, 0x34, 0x05}},
                      Int32Case{P::UINT2, {0xe4, 0x01}, {0xe4, 0x01}}, Int32Case{P::INT2, {0x1b, 0x02}, {0x1b, 0x02}}),
    [](const auto& info) { return std::string(dtype_name(static_cast<DType>(info.param.type))); });

TEST(Tensor, TypedFieldsOfEveryWidth) {
  P f = shaped(P::FLOAT, {2});
  f.add_float_data(1.5f);
  f.add_float_data(-0.0f);
  EXPECT_TRUE(read_back(f)->identical(Tensor::of<float>({2}, {1.5f, -0.0f})));
  P d = shaped(P::DOUBLE, {1});
  d.add_double_data(1e300);
  EXPECT_TRUE(read_back(d)->identical(Tensor::of<double>({1}, {1e300})));
  P i32 = shaped(P::INT32, {2});
  i32.add_int32_data(-7);
  i32.add_int32_data(1 << 30);
  EXPECT_TRUE(read_back(i32)->identical(Tensor::of<int32_t>({2}, {-7, 1 << 30})));
  P i64 = shaped(P::INT64, {});
  i64.add_int64_data(-(int64_t{1} << 40));
  EXPECT_TRUE(read_back(i64)->identical(Tensor::scalar<int64_t>(-(int64_t{1} << 40))));
  P u64 = shaped(P::UINT64, {1});
  u64.add_uint64_data(~uint64_t{0});
  EXPECT_TRUE(read_back(u64)->identical(Tensor::of<uint64_t>({1}, {~uint64_t{0}})));
  P u32 = shaped(P::UINT32, {2});
  u32.add_uint64_data(0xffffffff);
  u32.add_uint64_data(5);
  EXPECT_TRUE(read_back(u32)->identical(Tensor::of<uint32_t>({2}, {0xffffffff, 5})));
}

TEST(Tensor, ComplexNumbersAreInterleaved) {
  P c64 = shaped(P::COMPLEX64, {1});
  c64.add_float_data(1);
  c64.add_float_data(2);
  auto tensor = read_back(c64);
  ASSERT_TRUE(tensor.ok()) << tensor.error().message;
  EXPECT_EQ(tensor->size(), 1);
  EXPECT_EQ(tensor->byte_size(), 8);
  P c128 = shaped(P::COMPLEX128, {1});
  c128.add_double_data(1);
  c128.add_double_data(2);
  EXPECT_EQ(read_back(c128)->byte_size(), 16);
}

TEST(Tensor, Strings) {
  P s = shaped(P::STRING, {2});
  s.add_string_data("a\0b", 3);
  s.add_string_data("");
  auto tensor = read_back(s);
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->string_data(), (std::vector<std::string>{std::string("a\0b", 3), ""}));
  s.add_string_data("one too many");
  EXPECT_FALSE(read_back(s).ok());
}

TEST(Tensor, EmptyOnesHaveNoBytes) {
  auto tensor = read_back(shaped(P::FLOAT, {3, 0, 2}));
  ASSERT_TRUE(tensor.ok()) << tensor.error().message;
  EXPECT_EQ(tensor->size(), 0);
}

TEST(Tensor, RawBoolsBecomeZeroOrOne) {
  P b = shaped(P::BOOL, {3});
  b.set_raw_data(std::string("\x00\x02\xff", 3));
  auto tensor = read_back(b);
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->bytes()[1], 1);
  EXPECT_EQ(tensor->bytes()[2], 1);
}

struct BadTensor {
  const char* name;
  P proto;
  const char* says;
};

TEST(Tensor, RefusesWhatDoesNotFit) {
  std::vector<BadTensor> cases;
  P p = shaped(P::FLOAT, {2});
  p.set_raw_data("123");
  cases.push_back({"raw too short", p, "raw_data holds 3 instead of 8"});
  p = shaped(P::FLOAT, {2});
  p.add_float_data(1);
  cases.push_back({"typed too short", p, "float_data holds 1 instead of 2"});
  p = shaped(P::FLOAT, {int64_t{1} << 62, 8});
  cases.push_back({"overflow", p, "impossible dimensions"});
  p = shaped(P::FLOAT, {-1});
  cases.push_back({"negative", p, "impossible dimensions"});
  p = shaped(P::FLOAT, {int64_t{1} << 40});
  cases.push_back({"huge", p, "too large"});
  p = shaped(P::FLOAT, {1 << 20, 1 << 8});
  cases.push_back({"large without data", p, "holds 0 instead of"});
  p = shaped(77, {1});
  cases.push_back({"unknown type", p, "unknown element type 77"});
  p = shaped(0, {1});
  cases.push_back({"no type", p, "unknown element type 0"});
  p = shaped(P::FLOAT, {});
  for (int i = 0; i < 40; ++i) p.add_dims(1);
  cases.push_back({"rank", p, "40 dimensions"});
  p = shaped(P::FLOAT, {1});
  p.mutable_segment()->set_begin(0);
  cases.push_back({"segment", p, "segments"});
  for (const BadTensor& c : cases) {
    auto tensor = read_back(c.proto);
    ASSERT_FALSE(tensor.ok()) << c.name;
    EXPECT_EQ(tensor.error().code, ErrorCode::kInvalidModel) << c.name;
    EXPECT_NE(tensor.error().message.find(c.says), std::string::npos) << c.name << ": " << tensor.error().message;
    EXPECT_EQ(tensor.error().where, "t") << c.name;
  }
}

// Large tensors are not decoded but read from the file in place: the same numbers come out, whatever the field and
// wherever in the message it stands.
TEST(Tensor, LargeOnesInEveryField) {
  constexpr int kCount = 100'000;
  std::vector<float> floats(kCount);
  std::vector<double> doubles(kCount);
  for (int i = 0; i < kCount; ++i) doubles[i] = floats[i] = static_cast<float>(i) - 0.5f;
  P typed = shaped(P::FLOAT, {kCount}), raw = typed, data, wide = shaped(P::DOUBLE, {kCount});
  for (const float v : floats) typed.add_float_data(v);
  for (const double v : doubles) wide.add_double_data(v);
  data.set_raw_data(std::string(reinterpret_cast<const char*>(floats.data()), kCount * sizeof(float)));
  raw.set_raw_data(data.raw_data());
  const Tensor expected = Tensor::of<float>({kCount}, floats);
  const struct {
    const char* name;
    std::string tensor;
    Tensor expected;
  } cases[] = {{"float_data", typed.SerializeAsString(), expected},
               {"raw_data", raw.SerializeAsString(), expected},
               {"raw_data first", data.SerializeAsString() + shaped(P::FLOAT, {kCount}).SerializeAsString(), expected},
               {"double_data", wide.SerializeAsString(), Tensor::of<double>({kCount}, doubles)}};
  for (const auto& c : cases) {
    auto proto = tiny_model();
    ASSERT_TRUE(proto.mutable_graph()->mutable_initializer(0)->ParseFromString(c.tensor));
    // Only the bytes as given keep their order; "t" is nobody's input, so it has to be an output.
    proto.mutable_graph()->mutable_output(0)->set_name("t");
    proto.mutable_graph()->mutable_output(0)->clear_type();
    proto.mutable_graph()->clear_node();
    std::string graph = proto.graph().SerializeAsString();
    const std::string canonical_tensor = proto.graph().initializer(0).SerializeAsString();
    const size_t at = graph.find(canonical_tensor);
    ASSERT_NE(at, std::string::npos);
    graph.replace(at, canonical_tensor.size(), c.tensor);
    proto.clear_graph();
    std::string bytes = proto.SerializeAsString();
    bytes.push_back(static_cast<char>(onnx::ModelProto::kGraphFieldNumber << 3 | 2));
    for (size_t n = graph.size(); n > 0; n >>= 7) bytes.push_back(static_cast<char>((n & 127) | (n > 127 ? 128 : 0)));
    auto model = read_bytes(bytes + graph);
    ASSERT_TRUE(model.ok()) << c.name << ": " << model.error().message;
    EXPECT_TRUE(model->graph.value(model->graph.find_value("t")).constant.identical(c.expected)) << c.name;
  }
}

TEST(Tensor, LargeDataOfTheWrongField) {
  auto proto = tiny_model();
  auto& tensor = *proto.mutable_graph()->mutable_initializer(0);
  tensor.set_data_type(P::INT32);
  tensor.set_dims(0, 100'000);
  tensor.clear_float_data();
  for (int i = 0; i < 100'000; ++i) tensor.add_float_data(1);
  auto model = read_proto(proto);
  ASSERT_FALSE(model.ok());
  EXPECT_NE(model.error().message.find("keeps its data as other numbers"), std::string::npos) << model.error().message;
  EXPECT_EQ(model.error().where, "w");
}

TEST(Tensor, RefusesBytesThatAreNone) {
  EXPECT_FALSE(read_tensor({}).ok());
  const std::string text = "hello";
  EXPECT_FALSE(read_tensor(as_bytes(text)).ok());
}

}  // namespace
}  // namespace halftone
