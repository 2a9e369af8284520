// Integer kernels of elementwise operators; see the header.
#include "core/ops/int8_elementwise.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <vector>

#include "core/base/parallel.h"
#include "core/kernels/quant/binary_int8.h"
#include "core/kernels/quant/quantize.h"
#include "core/kernels/short_copy.h"
#include "core/ops/evaluate.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_linear.h"

namespace halftone {
namespace {

// Bytes of a row that is repeated side by side.
constexpr int64_t kRepeated = 1024;

int32_t lowest_of(const QuantParams& q) { return static_cast<int32_t>(dtype_info(q.dtype).lowest); }
int32_t highest_of(const QuantParams& q) { return static_cast<int32_t>(dtype_info(q.dtype).highest); }
int32_t code_of(const QuantParams& q, size_t byte) {
  return q.dtype == DType::kInt8 ? static_cast<int8_t>(byte) : static_cast<int32_t>(byte);
}
float real_of(const QuantParams& q, int32_t code) { return static_cast<float>(code - q.zero_point[0]) * q.scale[0]; }
uint8_t quantized(const QuantParams& q, float v) {
  return static_cast<uint8_t>(quantize_code(v, q.scale[0], q.zero_point[0], lowest_of(q), highest_of(q)));
}

// --- Add, Sub, Mul ----------------------------------------------------------------------------

// The broadcast of two operands as nested runs: dims and steps (in elements, 0 along broadcast dims), with neighbouring
// dims merged where both operands allow it.
struct BroadcastRuns {
  Dims dims, a_steps, b_steps;
};

Dims broadcast_steps(std::span<const int64_t> from, std::span<const int64_t> to) {
  Dims steps(to.size(), 0);
  int64_t step = 1;
  for (size_t i = 0; i < from.size(); ++i) {
    const size_t f = from.size() - 1 - i, t = to.size() - 1 - i;
    steps[t] = from[f] == 1 ? 0 : step;
    step *= from[f];
  }
  return steps;
}

BroadcastRuns broadcast_runs(const Dims& a, const Dims& b, const Dims& out) {
  const Dims a_steps = broadcast_steps(a, out), b_steps = broadcast_steps(b, out);
  BroadcastRuns r;
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i] == 1) continue;
    const bool merges =
        !r.dims.empty() && r.a_steps.back() == a_steps[i] * out[i] && r.b_steps.back() == b_steps[i] * out[i];
    if (merges) {
      r.dims.back() *= out[i];
      r.a_steps.back() = a_steps[i];
      r.b_steps.back() = b_steps[i];
    } else {
      r.dims.push_back(out[i]);
      r.a_steps.push_back(a_steps[i]);
      r.b_steps.push_back(b_steps[i]);
    }
  }
  if (r.dims.empty()) return {{1}, {0}, {0}};
  return r;
}

ByteOperand byte_operand(const QuantParams& q) {
  const bool is_signed = q.dtype == DType::kInt8;
  return {nullptr, 1, static_cast<uint8_t>(is_signed ? 0x80 : 0), q.zero_point[0] + (is_signed ? 128 : 0), q.scale[0]};
}

ByteResult byte_result(const QuantParams& q, const Node& node) {
  const int32_t shift = q.dtype == DType::kInt8 ? 128 : 0;
  RequantRange range = requant_range(q, node);
  range.zero_point += shift;
  range.low += shift;
  range.high += shift;
  return {q.scale[0], range, static_cast<uint8_t>(shift)};
}

// Rows of a few elements against the same row each time, as with one number for each channel that comes last.
bool repeats_row(const BroadcastRuns& runs) {
  if (runs.dims.size() < 2) return false;
  const size_t last = runs.dims.size() - 1, before = last - 1;
  const int64_t n = runs.dims[last];
  const bool dense = runs.a_steps[last] == 1 && runs.b_steps[last] == 1;
  const int64_t a = runs.a_steps[before], b = runs.b_steps[before];
  return dense && n <= kRepeated / 2 && ((a == n && b == 0) || (a == 0 && b == n));
}

// `rows` such rows of n elements, many at a time: the same row is copied side by side.
void run_repeated(BinaryInt8 op, ByteOperand a, ByteOperand b, bool a_repeats, int64_t n, int64_t rows,
                  const ByteResult& result, uint8_t* y) {
  uint8_t copies[kRepeated];
  const int64_t most = std::min(kRepeated / n, rows);
  ByteOperand &same = a_repeats ? a : b, &other = a_repeats ? b : a;
  for (int64_t i = 0; i < most; ++i) copy_short(copies + i * n, same.data, n);
  same.data = copies;
  for (int64_t row = 0; row < rows; row += most) {
    const int64_t count = n * std::min(most, rows - row);
    binary_int8_run(op, a, b, count, result, y);
    other.data += count;
    y += count;
  }
}

Status run_binary(RunContext& ctx, BinaryInt8 op) {
  const View &a = ctx.input(0), &b = ctx.input(1);
  const auto dims = broadcast_dims(a.dims, b.dims);
  if (!dims) return invalid_model("shapes " + to_string(a.dims) + " and " + to_string(b.dims) + " do not broadcast");
  HT_ASSIGN(MutView y, ctx.output(0, ctx.output_quant(0)->dtype, *dims));
  if (y.size() == 0) return ok_status();
  const BroadcastRuns runs = broadcast_runs(a.dims, b.dims, *dims);
  ByteOperand left = byte_operand(*ctx.input_quant(0)), right = byte_operand(*ctx.input_quant(1));
  const ByteResult result = byte_result(*ctx.output_quant(0), ctx.node());
  left.step = runs.a_steps.back();
  right.step = runs.b_steps.back();
  if (runs.dims.size() == 1) {
    parallel_for(y.size(), 1 << 14, [&](int64_t begin, int64_t end) {
      ByteOperand first = left, second = right;
      first.data = a.bytes() + begin * first.step;
      second.data = b.bytes() + begin * second.step;
      binary_int8_run(op, first, second, end - begin, result, y.bytes() + begin);
    });
    return ok_status();
  }
  const bool repeats = repeats_row(runs);
  const size_t outer = runs.dims.size() - (repeats ? 2 : 1);
  const int64_t n = runs.dims.back(), rows = repeats ? runs.dims[outer] : 1;
  Dims index(outer, 0);
  int64_t a_at = 0, b_at = 0;
  uint8_t* out = y.bytes();
  for (;;) {
    left.data = a.bytes() + a_at;
    right.data = b.bytes() + b_at;
    if (repeats) {
      run_repeated(op, left, right, runs.a_steps[outer] == 0, n, rows, result, out);
    } else {
      binary_int8_run(op, left, right, n, result, out);
    }
    out += n * rows;
    size_t d = outer;
    for (; d > 0; --d) {
      a_at += runs.a_steps[d - 1];
      b_at += runs.b_steps[d - 1];
      if (++index[d - 1] < runs.dims[d - 1]) break;
      a_at -= runs.a_steps[d - 1] * runs.dims[d - 1];
      b_at -= runs.b_steps[d - 1] * runs.dims[d - 1];
      index[d - 1] = 0;
    }
    if (d == 0) return ok_status();
  }
}

// --- tables -----------------------------------------------------------------------------------

struct TableState final : OpState {
  ByteTable table;
};

// A constant input beside the first, as the float operator would see it.
Result<Tensor> float_argument(const PrepareContext& ctx, size_t i) {
  const Tensor& t = *ctx.constant(i);
  const QuantParams* q = ctx.input_quant(i);
  if (q == nullptr) return t;
  HT_ASSIGN(std::vector<int64_t> codes, to_ints(t));
  std::vector<float> values;
  for (int64_t code : codes) values.push_back(real_of(*q, static_cast<int32_t>(code)));
  return Tensor::of<float>(t.dims(), std::span<const float>(values));
}

}  // namespace

bool int8_binary_applies(const PrepareContext& ctx) {
  // Opset 6 and older aligns b with attribute `axis`.
  return ctx.node().inputs.size() == 2 && !ctx.node().has("axis") && is_int8_per_tensor(ctx.input_quant(0)) &&
         is_int8_per_tensor(ctx.input_quant(1)) && is_int8_per_tensor(ctx.output_quant(0));
}

Status run_int8_add(RunContext& ctx) { return run_binary(ctx, BinaryInt8::kAdd); }
Status run_int8_sub(RunContext& ctx) { return run_binary(ctx, BinaryInt8::kSub); }
Status run_int8_mul(RunContext& ctx) { return run_binary(ctx, BinaryInt8::kMul); }

bool int8_table_applies(const PrepareContext& ctx) {
  if (!is_int8_per_tensor(ctx.input_quant(0)) || !is_int8_per_tensor(ctx.output_quant(0))) return false;
  for (size_t i = 1; i < ctx.node().inputs.size(); ++i) {
    if (ctx.node().inputs[i] == kNoValue) continue;
    const Tensor* t = ctx.constant(i);
    const QuantParams* q = ctx.input_quant(i);
    if (t == nullptr || t->size() != 1 || (q != nullptr && q->scale.size() != 1)) return false;
    // A longer shape of ones would be that of the output.
    if (t->rank() > 1 && !(ctx.input_shape(0).has_rank() && ctx.input_shape(0).rank() >= t->rank())) return false;
  }
  return true;
}

Result<ByteTable> tabulate_int8(const PrepareContext& ctx, std::span<const ByteTable* const> codes) {
  const Node& node = ctx.node();
  const OpDef* op = find_op(node.domain, node.op_type, ctx.opset());
  HT_CHECK(op != nullptr && op->run != nullptr && codes.size() == node.inputs.size());
  std::vector<Tensor> inputs(node.inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    if (codes[i] == nullptr) {
      HT_ASSIGN(inputs[i], float_argument(ctx, i));
      continue;
    }
    const QuantParams& x = *ctx.input_quant(i);
    std::vector<float> reals;
    for (uint8_t code : *codes[i]) reals.push_back(real_of(x, code_of(x, code)));
    inputs[i] = Tensor::of<float>({256}, std::span<const float>(reals));
  }
  HT_ASSIGN(const std::vector<Tensor> outputs, evaluate_node(*op, node, ctx.opset(), inputs));
  if (outputs[0].dtype() != DType::kFloat || outputs[0].size() != 256) {
    return unsupported(node.op_type + " is not elementwise here");
  }
  ByteTable table;
  for (size_t byte = 0; byte < table.size(); ++byte) {
    table[byte] = quantized(*ctx.output_quant(0), outputs[0].data<float>()[byte]);
  }
  return table;
}

Result<std::unique_ptr<OpState>> prepare_int8_table(PrepareContext& ctx) {
  std::vector<const ByteTable*> codes(ctx.node().inputs.size(), nullptr);
  codes[0] = &kEveryByte;
  auto state = std::make_unique<TableState>();
  HT_ASSIGN(state->table, tabulate_int8(ctx, codes));
  return std::unique_ptr<OpState>(std::move(state));
}

Result<std::unique_ptr<OpState>> prepare_given_table(PrepareContext& ctx) {
  const Tensor* given = ctx.node().tensor_attr(kTableAttr);
  if (given == nullptr || given->dtype() != DType::kUint8 || given->size() != 256) {
    return unsupported("a table without its 256 entries");
  }
  auto state = std::make_unique<TableState>();
  std::copy_n(given->bytes(), state->table.size(), state->table.begin());
  return std::unique_ptr<OpState>(std::move(state));
}

Status run_int8_table(RunContext& ctx) {
  const View& x = ctx.input(0);
  const auto& state = *static_cast<const TableState*>(ctx.state());
  HT_ASSIGN(MutView y, ctx.output(0, ctx.output_quant(0)->dtype, x.dims));
  table_run(x.bytes(), x.size(), state.table.data(), y.bytes());
  return ok_status();
}

// --- Concat -----------------------------------------------------------------------------------

struct ConcatState final : OpState {
  std::vector<std::optional<ByteTable>> tables;  // none: the bytes as they are
};

bool int8_concat_applies(const PrepareContext& ctx) {
  for (size_t i = 0; i < ctx.node().inputs.size(); ++i) {
    if (!is_int8_per_tensor(ctx.input_quant(i))) return false;
  }
  return is_int8_per_tensor(ctx.output_quant(0));
}

Result<std::unique_ptr<OpState>> prepare_int8_concat(PrepareContext& ctx) {
  const QuantParams& y = *ctx.output_quant(0);
  auto state = std::make_unique<ConcatState>();
  state->tables.resize(ctx.node().inputs.size());
  for (size_t i = 0; i < state->tables.size(); ++i) {
    const QuantParams& x = *ctx.input_quant(i);
    if (x == y) continue;
    ByteTable& table = state->tables[i].emplace();
    for (size_t byte = 0; byte < table.size(); ++byte) table[byte] = quantized(y, real_of(x, code_of(x, byte)));
  }
  return std::unique_ptr<OpState>(std::move(state));
}

Status run_int8_concat(RunContext& ctx) {
  const Node& node = ctx.node();
  Dims dims = ctx.input(0).dims;
  const auto axis = normalize_axis(node.int_attr("axis", 1), static_cast<int64_t>(dims.size()));
  if (!axis) return invalid_model("attribute axis is outside the tensor " + to_string(dims));
  const auto at = static_cast<size_t>(*axis);
  for (size_t i = 1; i < ctx.input_count(); ++i) {
    Dims other = ctx.input(i).dims;
    if (other.size() != dims.size()) return invalid_model("Concat of tensors of different ranks");
    const int64_t length = other[at];
    other[at] = dims[at];
    if (other != dims) return invalid_model("Concat of tensors that differ beside the axis");
    dims[at] += length;
  }
  HT_ASSIGN(MutView y, ctx.output(0, ctx.output_quant(0)->dtype, dims));
  const int64_t inner = std::accumulate(dims.begin() + *axis + 1, dims.end(), int64_t{1}, std::multiplies<>());
  const int64_t outer = std::accumulate(dims.begin(), dims.begin() + *axis, int64_t{1}, std::multiplies<>());
  const auto& tables = static_cast<const ConcatState*>(ctx.state())->tables;
  int64_t start = 0;
  for (size_t i = 0; i < ctx.input_count(); ++i) {
    const View& x = ctx.input(i);
    const int64_t run = x.dims[at] * inner;
    for (int64_t o = 0; o < outer; ++o) {
      const uint8_t* from = x.bytes() + o * run;
      uint8_t* to = y.bytes() + o * dims[at] * inner + start;
      if (tables[i]) {
        table_run(from, run, tables[i]->data(), to);
      } else {
        copy_run(to, from, run);
      }
    }
    start += run;
  }
  return ok_status();
}

}  // namespace halftone
