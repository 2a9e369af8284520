// Codes packed in the order of the tensor, parameters laid out as ONNX wants them.
#include "core/passes/weight_only/store_codes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>

#include "core/kernels/quant/quantize.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

Result<Tensor> zeroed(DType type, Dims dims) {
  HT_ASSIGN(Tensor tensor, Tensor::allocate(type, std::move(dims), "quantized weight"));
  std::fill_n(tensor.mutable_bytes(), tensor.byte_size(), uint8_t{0});
  return tensor;
}

Result<Tensor> packed_codes(const WeightOf& weight, Dims dims, DType type, const std::vector<int16_t>& codes) {
  HT_ASSIGN(Tensor out, zeroed(type, std::move(dims)));
  uint8_t* bytes = out.mutable_bytes();
  const int bits = dtype_info(type).bits;
  const int16_t* code = codes.data();
  for (int64_t r = 0; r < weight.form.rows; ++r) {
    for (int64_t c = 0; c < weight.form.cols; ++c) packed_set(bytes, weight.form.at(r, c), bits, *code++);
  }
  return out;
}

struct Parameters {
  Tensor scale, zero;  // zero undefined: all are 0
  int64_t axis = -1, block = 0;
};

// Where the parameter of group (r, b) goes; `dims` are those of the codes.
class Places {
 public:
  Places(const WeightOf& weight, const WeightGroups& groups, const Dims& dims, const Parameters& parameters)
      : form_(weight.form), groups_(groups), parameters_(parameters) {
    if (parameters.block == 0) return;
    for (size_t i = static_cast<size_t>(parameters.axis) + 1; i < dims.size(); ++i) inner_ *= dims[i];
    length_ = dims[static_cast<size_t>(parameters.axis)];
  }
  int64_t at(int64_t r, int64_t b) const {
    if (parameters_.axis < 0) return 0;
    if (parameters_.block == 0) return r / form_.rows_per_channel;
    const int64_t element = form_.at(r, b * groups_.block);
    const int64_t outer = element / (inner_ * length_), along = element / inner_ % length_;
    return (outer * groups_.blocks + along / groups_.block) * inner_ + element % inner_;
  }

 private:
  const MatrixForm& form_;
  const WeightGroups& groups_;
  const Parameters& parameters_;
  int64_t inner_ = 1, length_ = 1;
};

Result<Parameters> parameters_of(const WeightOf& weight, const WeightGroups& groups, const Dims& dims, DType type,
                                 const GroupedCodes& codes) {
  Parameters p;
  Dims shape;
  if (groups.rows_per_group == weight.form.rows && groups.blocks == 1 &&
      weight.form.rows_per_channel != groups.rows_per_group) {
    // One for all.
  } else if (needs_blocks(weight.form, groups)) {
    p.axis = weight.form.reduce_axis;
    p.block = groups.block;
    shape = dims;
    shape[static_cast<size_t>(p.axis)] = groups.blocks;
  } else {
    p.axis = weight.form.channel_axis;
    shape = {weight.form.rows / weight.form.rows_per_channel};
  }
  HT_ASSIGN(p.scale, zeroed(DType::kFloat, shape));
  const bool with_zero = std::any_of(codes.zero.begin(), codes.zero.end(), [](float z) { return z != 0; });
  if (with_zero) {
    HT_ASSIGN(p.zero, zeroed(type, shape));
  }
  const Places places(weight, groups, dims, p);
  float* scale = p.scale.mutable_data<float>().data();
  for (int64_t r = 0; r < weight.form.rows; r += p.axis < 0 ? weight.form.rows : groups.rows_per_group) {
    for (int64_t b = 0; b < groups.blocks; ++b) {
      const auto g = static_cast<size_t>(r / groups.rows_per_group * groups.blocks + b);
      const int64_t at = places.at(r, b);
      scale[at] = codes.scale[g];
      if (with_zero) packed_set(p.zero.mutable_bytes(), at, dtype_info(type).bits, static_cast<int32_t>(codes.zero[g]));
    }
  }
  return p;
}

// The length that MatMulNBits gives to blocks: a power of two from 16 on.
int64_t nbits_block(const MatrixForm& form, const WeightGroups& groups) {
  const int64_t block = groups.blocks == 1 ? form.cols : groups.block;
  return static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(16, block))));
}

}  // namespace

int64_t opset_for_codes(DType type, bool blocked) {
  const int bits = dtype_info(type).bits;
  if (bits < 4) return 25;
  return bits < 8 || blocked ? 21 : 13;
}

bool needs_blocks(const MatrixForm& form, const WeightGroups& groups) {
  const bool by_channel = groups.blocks == 1 && groups.rows_per_group == form.rows_per_channel;
  return groups.blocks > 1 || (by_channel && form.outer);
}

bool takes_nbits(const Graph& graph, const WeightOf& weight, int bits, const WeightGroups& groups) {
  if (bits != 2 && bits != 4 && bits != 8) return false;
  if (groups.blocks > 1 && (groups.block < 16 || !std::has_single_bit(static_cast<uint64_t>(groups.block))))
    return false;
  return !weight.form.outer &&
         std::all_of(weight.readers.begin(), weight.readers.end(), [&](const WeightReader& reader) {
           return graph.nodes[reader.node].op_type == "MatMul" && reader.input == 1;
         });
}

void redirect(Graph& graph, const WeightOf& weight, ValueId now) {
  for (const WeightReader& reader : weight.readers) graph.nodes[reader.node].inputs[reader.input] = now;
}

void put_first(Graph& graph, NewNodes& made) {
  std::vector<Node> nodes = made.take();
  nodes.insert(nodes.end(), std::make_move_iterator(graph.nodes.begin()), std::make_move_iterator(graph.nodes.end()));
  graph.nodes = std::move(nodes);
}

Result<StoredCodes> store_dequantized(Graph& graph, NewNodes& made, const WeightOf& weight, const WeightGroups& groups,
                                      DType type, const GroupedCodes& codes, DType scale_type) {
  const std::string base = short_name(graph, weight.id);
  const Dims whole = graph.value(weight.id).constant.dims();
  const bool matrix = weight.form.flattened && groups.blocks > 1;
  const Dims dims = matrix ? Dims{weight.form.rows, weight.form.cols} : whole;
  HT_ASSIGN(Tensor integers, packed_codes(weight, dims, type, codes.codes));
  HT_ASSIGN(Parameters p, parameters_of(weight, groups, dims, type, codes));
  HT_ASSIGN(const Tensor scale, convert(p.scale, scale_type));
  StoredCodes stored{"dequantize_linear " + std::string(dtype_name(type)),
                     integers.byte_size() + scale.byte_size() + p.zero.byte_size()};
  ValueId scale_id = made.constant(base + "_scale", scale);
  if (scale_type != DType::kFloat) {
    scale_id = made.cast(base + "_scale", scale_id, DType::kFloat);
  }
  const ValueId codes_id = made.constant(base + "_quantized", std::move(integers));
  const ValueId zero_id = p.zero.defined() ? made.constant(base + "_zero_point", std::move(p.zero)) : kNoValue;
  const ValueId result = made.value(base + "_DequantizeLinear");
  Node& node = made.add_into("DequantizeLinear", base, {codes_id, scale_id, zero_id}, {result});
  if (p.axis >= 0) set_attributes(node, {{"axis", p.axis}});
  if (p.block > 0) set_attributes(node, {{"block_size", p.block}});
  redirect(graph, weight, matrix ? made.reshape(base, result, whole) : result);
  return stored;
}

Result<StoredCodes> store_nbits(Graph& graph, NewNodes& made, const WeightOf& weight, const WeightGroups& groups,
                                const Grid& grid, const GroupedCodes& codes) {
  const std::string base = short_name(graph, weight.id);
  const MatrixForm& form = weight.form;
  const int bits = dtype_info(grid.dtype).bits;
  const int64_t block = nbits_block(form, groups), blocks = (form.cols + block - 1) / block;
  const int32_t offset = grid.lowest < 0 ? 1 << (bits - 1) : 0;
  const auto middle = static_cast<float>(1 << (bits - 1));
  HT_ASSIGN(Tensor packed, zeroed(DType::kUint8, {form.rows, blocks, block * bits / 8}));
  HT_ASSIGN(Tensor scale, zeroed(DType::kFloat, {form.rows * blocks}));
  const int64_t zero_bytes = (blocks * bits + 7) / 8;
  const bool whole = std::all_of(codes.zero.begin(), codes.zero.end(), [](float z) { return z == std::nearbyint(z); });
  HT_ASSIGN(Tensor zero,
            whole ? zeroed(DType::kUint8, {form.rows * zero_bytes}) : zeroed(DType::kFloat, {form.rows * blocks}));
  bool with_zero = false;
  for (int64_t r = 0; r < form.rows; ++r) {
    for (int64_t c = 0; c < form.cols; ++c) {
      packed_set(packed.mutable_bytes(), r * blocks * block + c, bits,
                 codes.codes[static_cast<size_t>(r * form.cols + c)] + offset);
    }
    for (int64_t b = 0; b < blocks; ++b) {
      const auto g = static_cast<size_t>(r / groups.rows_per_group * groups.blocks + b);
      const float z = codes.zero[g] + static_cast<float>(offset);
      const auto place = static_cast<size_t>(r * blocks + b);
      scale.mutable_data<float>()[place] = codes.scale[g];
      if (whole) packed_set(zero.mutable_bytes() + r * zero_bytes, b, bits, static_cast<int32_t>(z));
      if (!whole) zero.mutable_data<float>()[place] = z;
      with_zero = with_zero || z != middle;
    }
  }
  StoredCodes stored{"matmul_nbits", packed.byte_size() + scale.byte_size() + (with_zero ? zero.byte_size() : 0)};
  const ValueId codes_id = made.constant(base + "_codes", std::move(packed));
  const ValueId scale_id = made.constant(base + "_scales", std::move(scale));
  const ValueId zero_id = with_zero ? made.constant(base + "_zero_points", std::move(zero)) : kNoValue;
  for (const WeightReader& reader : weight.readers) {
    Node& node = graph.nodes[reader.node];
    node.op_type = "MatMulNBits";
    node.domain = "com.microsoft";
    node.inputs = {node.inputs[0], codes_id, scale_id};
    if (with_zero) node.inputs.push_back(zero_id);
    node.attributes.clear();
    set_attributes(node, {{"K", form.cols}, {"N", form.rows}, {"bits", bits}, {"block_size", block}});
  }
  return stored;
}

}  // namespace halftone
