// RNN, GRU, LSTM: all directions, activations, layouts, peepholes, initial states and sequence lengths. Source: ONNX
// operator specification, RNN-1/7/14/22, GRU-1/3/7/14/22, LSTM-1/7/14/22.
// A direction copies its input in the order in which it reads it, multiplies all steps by W at once, and then goes step
// by step: sums += h R^T, cell. GRU keeps the rows of R for its candidate apart, because they meet another operand.
#include <algorithm>
#include <array>
#include <string>

#include "core/base/checked.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/rare/rnn_direction.h"

namespace halftone {
namespace {

constexpr int64_t kFloat = static_cast<int64_t>(sizeof(float));

int64_t gate_count(Cell cell) { return cell == Cell::kRnn ? 1 : cell == Cell::kGru ? 3 : 4; }

Result<int64_t> direction_count(const Node& node) {
  const std::string direction = node.string_attr("direction", "forward");
  if (direction == "forward" || direction == "reverse") return 1;
  if (direction == "bidirectional") return 2;
  return invalid_model("direction must be forward, reverse or bidirectional, not " + direction);
}

bool batch_first(const Node& node) { return node.int_attr("layout", 0) != 0; }

// --- shapes -----------------------------------------------------------------------------------

Status infer_rnn(InferContext& ctx) {
  HT_ASSIGN(const int64_t directions, direction_count(ctx.node()));
  const SymShape &x = ctx.shape(0), &r = ctx.shape(2);
  if ((x.has_rank() && x.rank() != 3) || (r.has_rank() && r.rank() != 3)) {
    return invalid_model("X, W and R of " + ctx.node().op_type + " must have rank 3");
  }
  const bool batched = batch_first(ctx.node());
  const Dim steps = x.has_rank() ? x[batched ? 1 : 0] : Dim(), batch = x.has_rank() ? x[batched ? 0 : 1] : Dim();
  const Dim hidden = r.has_rank()                    ? r[2]
                     : ctx.node().has("hidden_size") ? Dim(ctx.node().int_attr("hidden_size", 0))
                                                     : Dim();
  const Dim d(directions);
  ctx.set_output(
      0, ctx.dtype(0),
      SymShape(batched ? std::vector<Dim>{batch, steps, d, hidden} : std::vector<Dim>{steps, d, batch, hidden}));
  for (size_t i = 1; i < ctx.node().outputs.size(); ++i) {
    ctx.set_output(i, ctx.dtype(0),
                   SymShape(batched ? std::vector<Dim>{batch, d, hidden} : std::vector<Dim>{d, batch, hidden}));
  }
  return ok_status();
}

Status check_dims(const RunContext& ctx, size_t i, const Dims& want) {
  if (!ctx.has_input(i) || (ctx.input(i).dims == want && ctx.input(i).dtype == DType::kFloat)) return ok_status();
  return invalid_model("input " + std::to_string(i) + " is " + std::string(dtype_name(ctx.input(i).dtype)) + " " +
                       to_string(ctx.input(i).dims) + ", expected float32 " + to_string(want));
}

Result<RnnShape> rnn_shape(const RunContext& ctx, Cell cell) {
  const View &x = ctx.input(0), &r = ctx.input(2);
  if (x.dtype != DType::kFloat) return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(x.dtype)));
  if (x.rank() != 3 || r.rank() != 3) return invalid_model("X and R must have rank 3");
  RnnShape s{};
  s.cell = cell;
  s.batched = batch_first(ctx.node());
  s.steps = x.dims[s.batched ? 1 : 0];
  s.batch = x.dims[s.batched ? 0 : 1];
  s.inputs = x.dims[2];
  s.hidden = r.dims[2];
  s.gates = gate_count(cell);
  HT_ASSIGN(s.directions, direction_count(ctx.node()));
  const int64_t d = s.directions, h = s.hidden;
  if (s.columns() > (int64_t{1} << 24) || ctx.node().int_attr("hidden_size", h) != h) {
    return invalid_model("hidden_size does not fit R " + to_string(r.dims));
  }
  HT_TRY(check_dims(ctx, 1, {d, s.columns(), s.inputs}));
  HT_TRY(check_dims(ctx, 2, {d, s.columns(), h}));
  HT_TRY(check_dims(ctx, 3, {d, 2 * s.columns()}));
  const Dims state = s.batched ? Dims{s.batch, d, h} : Dims{d, s.batch, h};
  HT_TRY(check_dims(ctx, 5, state));
  if (cell == Cell::kLstm) {
    HT_TRY(check_dims(ctx, 6, state));
    HT_TRY(check_dims(ctx, 7, {d, 3 * h}));
  }
  return s;
}

Result<std::vector<int64_t>> sequence_lengths(const RunContext& ctx, const RnnShape& s) {
  std::vector<int64_t> lengths(static_cast<size_t>(s.batch), s.steps);
  if (!ctx.has_input(4)) return lengths;
  const View& given = ctx.input(4);
  if (given.dtype != DType::kInt32 || given.size() != s.batch) {
    return invalid_model("sequence_lens must be one int32 for each of " + std::to_string(s.batch) + " sequences");
  }
  for (int64_t b = 0; b < s.batch; ++b) {
    const int64_t n = given.as<int32_t>()[b];
    if (n < 0 || n > s.steps) return invalid_model("sequence_lens holds " + std::to_string(n));
    lengths[static_cast<size_t>(b)] = n;
  }
  return lengths;
}

// --- weights ----------------------------------------------------------------------------------

struct RnnWeights final : OpState {
  std::vector<PackedDirection> directions;
};

template <Cell kCell>
Result<std::unique_ptr<OpState>> prepare_rnn(PrepareContext& ctx) {
  const Tensor *w = ctx.constant(1), *r = ctx.constant(2);
  if (w == nullptr || r == nullptr || w->dtype() != DType::kFloat || r->dtype() != DType::kFloat || w->rank() != 3 ||
      r->rank() != 3 || w->dims()[0] != r->dims()[0] || w->dims()[1] != r->dims()[1]) {
    return std::unique_ptr<OpState>();
  }
  auto state = std::make_unique<RnnWeights>();
  for (int64_t d = 0; d < w->dims()[0]; ++d) {
    HT_ASSIGN(PackedDirection packed, pack_direction(kCell, w->view(), r->view(), d));
    state->directions.push_back(std::move(packed));
  }
  return std::unique_ptr<OpState>(std::move(state));
}

// --- the operator -----------------------------------------------------------------------------

// Moves states between the tensor ([directions, batch, hidden], or batch first) and a direction's [batch, hidden].
void load_state(const RunContext& ctx, size_t i, const RnnShape& s, int64_t d, float* state) {
  for (int64_t b = 0; b < s.batch; ++b) {
    const int64_t row = s.batched ? b * s.directions + d : d * s.batch + b;
    if (ctx.has_input(i)) {
      std::copy_n(ctx.input(i).as<float>() + row * s.hidden, s.hidden, state + b * s.hidden);
    } else {
      std::fill_n(state + b * s.hidden, s.hidden, 0.0f);
    }
  }
}
void store_state(const RnnShape& s, int64_t d, const float* state, float* to) {
  if (to == nullptr) return;
  for (int64_t b = 0; b < s.batch; ++b) {
    const int64_t row = s.batched ? b * s.directions + d : d * s.batch + b;
    std::copy_n(state + b * s.hidden, s.hidden, to + row * s.hidden);
  }
}

// Y, Y_h, Y_c where they are wanted.
Result<std::array<float*, 3>> rnn_outputs(RunContext& ctx, const RnnShape& s) {
  const Dims all =
      s.batched ? Dims{s.batch, s.steps, s.directions, s.hidden} : Dims{s.steps, s.directions, s.batch, s.hidden};
  const Dims last = s.batched ? Dims{s.batch, s.directions, s.hidden} : Dims{s.directions, s.batch, s.hidden};
  std::array<float*, 3> outputs{};
  for (size_t i = 0; i < std::min<size_t>(ctx.output_count(), 3); ++i) {
    if (!ctx.wants_output(i)) continue;
    HT_ASSIGN(MutView view, ctx.output(i, DType::kFloat, i == 0 ? all : last));
    outputs[i] = view.as<float>();
  }
  return outputs;
}

constexpr std::string_view kRnnDefaults[] = {"tanh"}, kGruDefaults[] = {"sigmoid", "tanh"},
                           kLstmDefaults[] = {"sigmoid", "tanh", "tanh"};
std::span<const std::string_view> default_functions(Cell cell) {
  if (cell == Cell::kRnn) return kRnnDefaults;
  if (cell == Cell::kGru) return kGruDefaults;
  return kLstmDefaults;
}

Result<float*> floats(RunContext& ctx, int64_t rows, int64_t columns) {
  const auto bytes = checked_product({{rows, columns, kFloat}});
  if (!bytes) return Error{ErrorCode::kOutOfMemory, "The sums of all steps do not fit into memory.", "", ""};
  HT_ASSIGN(void* block, ctx.scratch(*bytes));
  return static_cast<float*>(block);
}

Status run_cell(RunContext& ctx, Cell cell) {
  HT_ASSIGN(const RnnShape s, rnn_shape(ctx, cell));
  HT_ASSIGN(const auto lengths, sequence_lengths(ctx, s));
  const auto defaults = default_functions(cell);
  HT_ASSIGN(const auto functions, cell_functions(ctx.node(), s.directions, defaults));
  HT_ASSIGN(const auto outputs, rnn_outputs(ctx, s));
  HT_ASSIGN(float* sums, floats(ctx, s.steps * s.batch, s.columns()));
  HT_ASSIGN(float* rows, floats(ctx, s.steps * s.batch, s.inputs));
  HT_ASSIGN(float* state, floats(ctx, 3 * s.batch, s.hidden));
  const auto* packed = static_cast<const RnnWeights*>(ctx.state());
  for (int64_t k = 0; k < s.directions; ++k) {
    PackedDirection own;
    if (packed == nullptr) {
      HT_ASSIGN(own, pack_direction(cell, ctx.input(1), ctx.input(2), k));
    }
    RnnDirection d{
        .s = s,
        .weights = packed == nullptr ? own : packed->directions[static_cast<size_t>(k)],
        .functions = std::span(functions).subspan(static_cast<size_t>(k) * defaults.size(), defaults.size()),
        .lengths = lengths,
        .index = k,
        .reverse = k == 1 || ctx.node().string_attr("direction", "") == "reverse",
        .coupled = ctx.node().int_attr("input_forget", 0) != 0,
        .linear_before_reset = cell == Cell::kGru && ctx.node().int_attr("linear_before_reset", 0) != 0,
        .x = ctx.input(0).as<float>(),
        .bias = ctx.has_input(3) ? ctx.input(3).as<float>() + k * 2 * s.columns() : nullptr,
        .peepholes = cell == Cell::kLstm && ctx.has_input(7) ? ctx.input(7).as<float>() + k * 3 * s.hidden : nullptr,
        .sums = sums,
        .rows = rows,
        .h = state,
        .c = state + s.batch * s.hidden,
        .product = state + 2 * s.batch * s.hidden,
        .y = outputs[0]};
    load_state(ctx, 5, s, k, d.h);
    if (cell == Cell::kLstm) load_state(ctx, 6, s, k, d.c);
    run_direction(d);
    store_state(s, k, d.h, outputs[1]);
    store_state(s, k, d.c, outputs[2]);
  }
  return ok_status();
}

template <Cell kCell>
Status run_rnn(RunContext& ctx) {
  return run_cell(ctx, kCell);
}

// Every step multiplies the input and the state by their matrices.
Cost rnn_cost(const CostContext& ctx) {
  const SymShape& x = ctx.inputs[0];
  int64_t rows = 1;
  for (int64_t i = 0; x.has_rank() && i + 1 < x.rank(); ++i) rows *= x[i].known() ? x[i].value : 1;
  const auto macs = checked_add(saturating_size(ctx.inputs[1]), saturating_size(ctx.inputs[2]));
  return Cost{.macs = checked_mul(macs.value_or(0), rows).value_or(0)};
}

template <Cell kCell>
constexpr OpDef rnn_op(std::string_view name, int max_inputs, int max_outputs) {
  return {.name = name,
          .schema = {3, max_inputs, 1, max_outputs},
          .infer = infer_rnn,
          .run = in_single<run_rnn<kCell>>,
          .prepare = prepare_rnn<kCell>,
          .cost = rnn_cost};
}

}  // namespace

std::span<const OpDef> rnn_ops() {
  static constexpr OpDef kOps[] = {
      rnn_op<Cell::kGru>("GRU", 6, 2),
      rnn_op<Cell::kLstm>("LSTM", 8, 3),
      rnn_op<Cell::kRnn>("RNN", 6, 2),
  };
  return kOps;
}

}  // namespace halftone
