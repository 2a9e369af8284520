// MatMulNBits (com.microsoft): y = clamp(a * w^T + bias) with w [N, K] in blocks of 2, 4 or 8-bit codes along K, which
// stay packed (core/kernels/gemm/nbits.h). accuracy_level 4 lets activations become int8 by block; lower levels are
// float. Inputs: a, codes [N, blocks, block_size * bits / 8], scales (N * blocks), zero points (uint8: packed like the
// codes row by row; or float), g_idx, bias. Reference: ONNX Runtime, ContribOperators.md.
#include <array>
#include <bit>
#include <optional>
#include <string>
#include <vector>

#include "core/base/checked.h"
#include "core/kernels/gemm/gemm_nbits.h"
#include "core/kernels/quant/quantize.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

constexpr int64_t kMaxIntegerBlock = 32768;

Result<NBitsShape> nbits_shape(const Node& node) {
  const int64_t bits = node.int_attr("bits", 4), block = node.int_attr("block_size", 0);
  NBitsShape s{.bits = static_cast<int>(bits), .n = node.int_attr("N", 0), .k = node.int_attr("K", 0), .block = block};
  if (s.n < 1 || s.k < 1 || s.n > kMaxBytes || s.k > kMaxBytes) {
    return invalid_model("attributes K and N are " + std::to_string(s.k) + " and " + std::to_string(s.n));
  }
  if (bits != 2 && bits != 4 && bits != 8) {
    return unsupported("MatMulNBits with " + std::to_string(bits) + " bits", "Use 2, 4 or 8 bits.");
  }
  if (block < 16 || block > kMaxBytes || !std::has_single_bit(static_cast<uint64_t>(block))) {
    return invalid_model("attribute block_size is " + std::to_string(block) + ", not a power of two from 16 on");
  }
  return s;
}

Status infer_nbits(InferContext& ctx) {
  HT_ASSIGN(const NBitsShape s, nbits_shape(ctx.node()));
  SymShape shape = ctx.shape(0);
  if (shape.has_rank()) {
    if (shape.rank() < 1) return invalid_model("MatMulNBits of a scalar");
    Dim& last = shape[shape.rank() - 1];
    if (last.known() && last.value != s.k) {
      return invalid_model("the input " + shape.to_string() + " does not end in K = " + std::to_string(s.k));
    }
    last = Dim(s.n);
  }
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  return ok_status();
}

// --- weights ----------------------------------------------------------------------------------

// Inputs 1 to 4 as far as the node has them.
struct NBitsInputs {
  std::optional<View> codes, scales, zero, group;
};

Result<std::vector<float>> float_elements(const View& v, int64_t count, const char* what) {
  if (!is_float(v.dtype) || v.size() != count) {
    return invalid_model(std::string(what) + " are " + std::string(dtype_name(v.dtype)) + " " + to_string(v.dims) +
                         ", expected " + std::to_string(count) + " floats");
  }
  std::vector<float> out(static_cast<size_t>(count));
  HT_TRY(convert_elements(v.dtype, v.data, DType::kFloat, out.data(), count));
  return out;
}

Result<std::vector<float>> zero_elements(const View& v, const NBitsShape& s) {
  if (v.dtype != DType::kUint8) return float_elements(v, s.n * s.blocks(), "zero points");
  const int64_t row = (s.blocks() * s.bits + 7) / 8;
  if (v.size() != s.n * row) {
    return invalid_model("zero points " + to_string(v.dims) + " need " + std::to_string(row) + " bytes for each of " +
                         std::to_string(s.n) + " columns");
  }
  std::vector<float> out;
  out.reserve(static_cast<size_t>(s.n * s.blocks()));
  for (int64_t n = 0; n < s.n; ++n) {
    for (int64_t b = 0; b < s.blocks(); ++b) {
      out.push_back(static_cast<float>(packed_get(v.bytes() + n * row, b, s.bits, false)));
    }
  }
  return out;
}

// A g_idx that says what block_size says already is no news; others put the rows of a block anywhere.
Status check_group(const View& group, const NBitsShape& s) {
  bool in_order = group.dtype == DType::kInt32 && group.size() >= s.k;
  for (int64_t i = 0; in_order && i < s.k; ++i) in_order = group.as<int32_t>()[i] == i / s.block;
  if (in_order) return ok_status();
  return unsupported("MatMulNBits with blocks in another order (g_idx)", "Quantize without act-order.");
}

struct NBitsState final : OpState {
  NBitsWeights weights;
  bool integer = false;
};

Result<std::unique_ptr<OpState>> pack_inputs(const Node& node, const NBitsInputs& in) {
  HT_ASSIGN(const NBitsShape s, nbits_shape(node));
  const auto bytes = checked_product(std::array{s.n, s.blocks(), s.block * s.bits / 8});
  if (in.codes->dtype != DType::kUint8 || !bytes || in.codes->size() != *bytes) {
    return invalid_model("the weight is " + std::string(dtype_name(in.codes->dtype)) + " " + to_string(in.codes->dims) +
                         ", expected uint8 [" + std::to_string(s.n) + ", " + std::to_string(s.blocks()) + ", " +
                         std::to_string(s.block * s.bits / 8) + "]");
  }
  if (in.group) HT_TRY(check_group(*in.group, s));
  HT_ASSIGN(const std::vector<float> scale, float_elements(*in.scales, s.n * s.blocks(), "scales"));
  std::vector<float> zero;
  if (in.zero) {
    HT_ASSIGN(zero, zero_elements(*in.zero, s));
  }
  auto state = std::make_unique<NBitsState>();
  state->integer = node.int_attr("accuracy_level", 0) == 4 && s.block <= kMaxIntegerBlock;
  HT_ASSIGN(state->weights, pack_nbits(s, in.codes->bytes(), scale, zero, state->integer, dot_kind()));
  return std::unique_ptr<OpState>(std::move(state));
}

Result<std::unique_ptr<OpState>> prepare_nbits(PrepareContext& ctx) {
  NBitsInputs in;
  std::optional<View>* const fields[] = {&in.codes, &in.scales, &in.zero, &in.group};
  for (size_t i = 1; i <= 4; ++i) {
    if (ctx.node().input(i) == kNoValue) continue;
    const Tensor* constant = ctx.constant(i);
    if (constant == nullptr) return std::unique_ptr<OpState>();  // packed at every run
    *fields[i - 1] = constant->view();
  }
  if (!in.codes || !in.scales) return std::unique_ptr<OpState>();
  HT_ASSIGN(std::unique_ptr<OpState> state, pack_inputs(ctx.node(), in));
  const NBitsWeights& w = static_cast<const NBitsState&>(*state).weights;
  ctx.keeps(1, {{}, w.bytes, [shape = w.shape, kind = w.kind](const Tensor& packed, uint8_t* out) {
                  unpack_nbits(shape, kind, packed.bytes(), out);
                }});
  return state;
}

// --- running ----------------------------------------------------------------------------------

Result<std::unique_ptr<OpState>> pack_at_run(const RunContext& ctx) {
  const auto given = [&](size_t i) { return ctx.has_input(i) ? std::optional(ctx.input(i)) : std::nullopt; };
  return pack_inputs(ctx.node(), {given(1), given(2), given(3), given(4)});
}

Status run_nbits(RunContext& ctx) {
  const View& a = ctx.input(0);
  if (a.dtype != DType::kFloat) return unsupported("MatMulNBits on " + std::string(dtype_name(a.dtype)));
  std::unique_ptr<OpState> own;
  if (ctx.state() == nullptr) {
    HT_ASSIGN(own, pack_at_run(ctx));
  }
  const auto& state = *static_cast<const NBitsState*>(own != nullptr ? own.get() : ctx.state());
  const NBitsShape& s = state.weights.shape;
  if (a.rank() < 1 || a.dims.back() != s.k) {
    return invalid_model("the input " + to_string(a.dims) + " does not end in K = " + std::to_string(s.k));
  }
  const float* bias = nullptr;
  if (ctx.has_input(5)) {
    const View& b = ctx.input(5);
    if (b.dtype != DType::kFloat || b.size() != s.n) return invalid_model("the bias needs one float per column");
    bias = b.as<float>();
  }
  Dims dims = a.dims;
  dims.back() = s.n;
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, dims));
  const int64_t m = a.size() / s.k;
  const auto bytes = state.integer ? gemm_nbits_int8_scratch(s, m) : gemm_nbits_f32_scratch(s, m);
  HT_ASSIGN(void* scratch, ctx.scratch(bytes.value_or(kMaxBytes + 1)));
  const Clamp clamp = node_clamp(ctx.node());
  const GemmNBits product{
      .w = state.weights, .m = m, .a = a.as<float>(), .bias = bias, .c = y.as<float>(), .lo = clamp.lo, .hi = clamp.hi};
  (state.integer ? gemm_nbits_int8 : gemm_nbits_f32)(product, scratch);
  return ok_status();
}

constexpr std::array kRows = {
    OpDef{
        .name = "MatMulNBits",
        .domain = "com.microsoft",
        .since = 0,  // the compiler makes such nodes in models that do not import the domain
        .schema = {.min_inputs = 3, .max_inputs = 6},
        .infer = infer_nbits,
        .run = in_float<run_nbits>,
        .prepare = prepare_nbits,
        .cost =
            [](const CostContext& ctx) {
              return Cost{.macs = saturating_size(ctx.outputs[0], ctx.node.int_attr("K", 1))};
            },
    },
};

}  // namespace

std::span<const OpDef> matmul_nbits_ops() { return kRows; }

}  // namespace halftone
