// If, Loop, Scan: operators that run the graphs they hold. Source: ONNX operator specification, If-1/11/13/16/19/21,
// Loop-1/11/13/16/19/21, Scan-9/11/16/19/21. The runtime compiles and runs the graphs (RunContext::run_subgraph);
// here is when they run and what goes in and out. Values that a graph takes from around it cost nothing.
#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "core/base/checked.h"
#include "core/ops/axis_view.h"
#include "core/ops/families.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"

namespace halftone {
namespace {

using Typed = InferContext::Typed;
using Tensors = std::vector<Tensor>;

// What two ways to a value have in common.
SymShape common_shape(const SymShape& a, const SymShape& b) {
  if (!a.has_rank() || !b.has_rank() || a.rank() != b.rank()) return SymShape();
  SymShape out = a;
  for (int64_t i = 0; i < a.rank(); ++i) {
    if (!a[i].same(b[i])) out[i] = Dim();
  }
  return out;
}

// One number, also as a tensor of one element.
Result<bool> condition(const View& view) {
  if (view.dtype != DType::kBool || view.size() != 1) return invalid_model("a condition must be one bool");
  return *view.as<bool>();
}

// --- If ---------------------------------------------------------------------------------------

Status infer_if(InferContext& ctx) {
  HT_ASSIGN(auto yes, ctx.infer_subgraph("then_branch", {}));
  HT_ASSIGN(auto no, ctx.infer_subgraph("else_branch", {}));
  for (size_t i = 0; i < std::min(yes.size(), no.size()); ++i) {
    const DType type = yes[i].dtype == DType::kUndefined ? no[i].dtype : yes[i].dtype;
    ctx.set_output(i, type, common_shape(yes[i].shape, no[i].shape));
  }
  return ok_status();
}

Status give_outputs(RunContext& ctx, Tensors& tensors, size_t count) {
  for (size_t i = 0; i < std::min(count, ctx.output_count()); ++i) {
    if (ctx.wants_output(i)) HT_TRY(ctx.give_output(i, std::move(tensors[i])));
  }
  return ok_status();
}

Status run_if(RunContext& ctx) {
  HT_ASSIGN(const bool yes, condition(ctx.input(0)));
  HT_ASSIGN(Tensors outputs, ctx.run_subgraph(yes ? "then_branch" : "else_branch", {}));
  if (outputs.size() < ctx.output_count()) return invalid_model("a branch has fewer outputs than the node");
  return give_outputs(ctx, outputs, outputs.size());
}

// --- what loops put together ------------------------------------------------------------------

// Slices of one output, collected pass by pass and joined along an axis at the end. What they take together is bounded
// before it can fill the memory.
class Collected {
 public:
  Status add(Tensor slice) {
    bytes_ += std::max<int64_t>(slice.byte_size(), slice.size());
    if (bytes_ > kMaxBytes) {
      return Error{ErrorCode::kOutOfMemory, "A loop collects more than " + std::to_string(kMaxBytes) + " bytes.", "",
                   "Run the model on smaller inputs."};
    }
    if (!slices_.empty() && (slice.dtype() != slices_[0].dtype() || slice.dims() != slices_[0].dims())) {
      return invalid_model("a loop collects slices of different shapes: " + to_string(slices_[0].dims()) + " and " +
                           to_string(slice.dims()));
    }
    slices_.push_back(std::move(slice));
    return ok_status();
  }

  // `axis` counts in the joined tensor; `none`: type and dims of a slice where there was no pass.
  Status give(RunContext& ctx, size_t output, int64_t axis, bool reverse, DType type, Dims none) const {
    const Dims slice = slices_.empty() ? std::move(none) : slices_[0].dims();
    if (!slices_.empty()) type = slices_[0].dtype();
    HT_ASSIGN(axis, axis_in_rank(axis, static_cast<int64_t>(slice.size()) + 1));
    Dims dims = slice;
    const int64_t n = static_cast<int64_t>(slices_.size());
    dims.insert(dims.begin() + axis, n);
    HT_ASSIGN(MutView y, ctx.output(output, type, dims));
    const AxisView v = axis_view(dims, axis);
    const Dims block = {v.outer, v.inner};
    for (int64_t i = 0; i < n; ++i) {
      const int64_t at = reverse ? n - 1 - i : i;
      HT_TRY(move_elements(y, {at * v.inner, {n * v.inner, 1}}, slices_[static_cast<size_t>(i)].view(),
                           {0, {v.inner, 1}}, block));
    }
    return ok_status();
  }

 private:
  std::vector<Tensor> slices_;
  int64_t bytes_ = 0;
};

// Dims of a slice that no pass has made, as far as inference knew them; unknown ones are empty.
struct EmptySlice {
  DType type = DType::kFloat;
  Dims dims;
};
EmptySlice empty_slice(const RunContext& ctx, std::string_view attribute, size_t output) {
  const GraphPtr body = ctx.node().graph_attr(attribute);
  if (!body || output >= body->outputs.size()) return {};
  const Value& value = body->value(body->outputs[output]);
  EmptySlice slice;
  if (value.dtype != DType::kUndefined) slice.type = value.dtype;
  for (const Dim& dim : value.shape.dims()) slice.dims.push_back(dim.known() ? dim.value : 0);
  return slice;
}

// --- Loop -------------------------------------------------------------------------------------

Status infer_loop(InferContext& ctx) {
  std::vector<Typed> inputs = {{DType::kInt64, SymShape::of({})}, {DType::kBool, SymShape::of({})}};
  for (size_t i = 2; i < ctx.input_count(); ++i) inputs.push_back({ctx.dtype(i), {}});
  HT_ASSIGN(auto outputs, ctx.infer_subgraph("body", inputs));
  const size_t carried = ctx.input_count() < 2 ? 0 : ctx.input_count() - 2;
  for (size_t i = 1; i < outputs.size(); ++i) {
    SymShape shape = std::move(outputs[i].shape);
    if (i <= carried) {
      shape = common_shape(shape, ctx.shape(i + 1));
    } else if (shape.has_rank()) {
      std::vector<Dim> dims = shape.dims();
      dims.insert(dims.begin(), Dim());
      shape = SymShape(std::move(dims));
    }
    ctx.set_output(i - 1, outputs[i].dtype, std::move(shape));
  }
  return ok_status();
}

struct LoopBounds {
  int64_t trips = std::numeric_limits<int64_t>::max();
  bool conditional = false, go = true;
};
Result<LoopBounds> loop_bounds(const RunContext& ctx) {
  LoopBounds bounds;
  if (ctx.has_input(0)) {
    const View& trips = ctx.input(0);
    if (trips.dtype != DType::kInt64 || trips.size() != 1) return invalid_model("the trip count must be one int64");
    bounds.trips = *trips.as<int64_t>();
  }
  if (ctx.input_count() > 1 && ctx.has_input(1)) {
    bounds.conditional = true;
    HT_ASSIGN(bounds.go, condition(ctx.input(1)));
  }
  if (!ctx.has_input(0) && !bounds.conditional) return invalid_model("the loop has neither trip count nor condition");
  return bounds;
}

Status run_loop(RunContext& ctx) {
  HT_ASSIGN(LoopBounds bounds, loop_bounds(ctx));
  Tensors state(2);  // iteration, condition, carried values
  for (size_t i = 2; i < ctx.input_count(); ++i) {
    if (!ctx.has_input(i)) return invalid_model("carried value " + std::to_string(i - 2) + " has no start");
    HT_ASSIGN(Tensor tensor, ctx.take_input(i));
    state.push_back(std::move(tensor));
  }
  const size_t carried = state.size() - 2;
  if (ctx.output_count() < carried) return invalid_model("the loop has fewer outputs than carried values");
  std::vector<Collected> collected(ctx.output_count() - carried);
  bool go = bounds.go;
  for (int64_t i = 0; go && i < bounds.trips; ++i) {
    state[0] = Tensor::scalar<int64_t>(i);
    state[1] = Tensor::scalar<bool>(go);
    HT_ASSIGN(Tensors outputs, ctx.run_subgraph("body", state));
    if (outputs.size() != 1 + carried + collected.size()) {
      return invalid_model("the loop's body has " + std::to_string(outputs.size()) + " outputs, expected " +
                           std::to_string(1 + carried + collected.size()));
    }
    if (bounds.conditional) {
      HT_ASSIGN(go, condition(outputs[0].view()));
    }
    for (size_t k = 0; k < carried; ++k) state[k + 2] = std::move(outputs[k + 1]);
    for (size_t k = 0; k < collected.size(); ++k) HT_TRY(collected[k].add(std::move(outputs[k + 1 + carried])));
  }
  state.erase(state.begin(), state.begin() + 2);
  HT_TRY(give_outputs(ctx, state, carried));
  for (size_t k = 0; k < collected.size(); ++k) {
    if (!ctx.wants_output(carried + k)) continue;
    EmptySlice none = empty_slice(ctx, "body", 1 + carried + k);
    HT_TRY(collected[k].give(ctx, carried + k, 0, false, none.type, std::move(none.dims)));
  }
  return ok_status();
}

// --- Scan -------------------------------------------------------------------------------------

// Inputs are states, then sequences. (Scan-8, with its batch axis, no exporter used.)
struct ScanForm {
  size_t states = 0, sequences = 0;
};
Result<ScanForm> scan_form(const Node& node) {
  ScanForm form;
  const int64_t sequences = node.int_attr("num_scan_inputs", 0), given = static_cast<int64_t>(node.inputs.size());
  if (sequences < 1 || sequences > given) return invalid_model("num_scan_inputs does not fit the inputs");
  form.sequences = static_cast<size_t>(sequences);
  form.states = static_cast<size_t>(given - sequences);
  return form;
}

int64_t entry(const std::vector<int64_t>& list, size_t i) { return i < list.size() ? list[i] : 0; }

Result<SymShape> without_axis(const SymShape& shape, int64_t axis) {
  if (!shape.has_rank()) return SymShape();
  HT_ASSIGN(axis, axis_in_rank(axis, shape.rank()));
  std::vector<Dim> dims = shape.dims();
  dims.erase(dims.begin() + axis);
  return SymShape(std::move(dims));
}

Status infer_scan(InferContext& ctx) {
  HT_ASSIGN(const ScanForm form, scan_form(ctx.node()));
  const auto in_axes = ctx.node().ints_attr("scan_input_axes"), out_axes = ctx.node().ints_attr("scan_output_axes");
  std::vector<Typed> inputs;
  for (size_t i = 0; i < form.states; ++i) inputs.push_back({ctx.dtype(i), ctx.shape(i)});
  Dim length;
  for (size_t i = 0; i < form.sequences; ++i) {
    const SymShape& shape = ctx.shape(form.states + i);
    HT_ASSIGN(SymShape slice, without_axis(shape, entry(in_axes, i)));
    if (shape.has_rank()) length = shape[*axis_in_rank(entry(in_axes, i), shape.rank())];
    inputs.push_back({ctx.dtype(form.states + i), std::move(slice)});
  }
  HT_ASSIGN(auto outputs, ctx.infer_subgraph("body", inputs));
  for (size_t i = 0; i < outputs.size(); ++i) {
    SymShape shape = std::move(outputs[i].shape);
    if (i < form.states) {
      shape = common_shape(shape, ctx.shape(i));
    } else if (shape.has_rank()) {
      std::vector<Dim> dims = shape.dims();
      HT_ASSIGN(const int64_t axis, axis_in_rank(entry(out_axes, i - form.states), shape.rank() + 1));
      dims.insert(dims.begin() + axis, length);
      shape = SymShape(std::move(dims));
    }
    ctx.set_output(i, outputs[i].dtype, std::move(shape));
  }
  return ok_status();
}

// x without `axis`, at index `i` of it.
Result<Tensor> slice_at(const View& x, int64_t axis, int64_t i) {
  const AxisView v = axis_view(x.dims, axis);
  Dims dims = x.dims;
  dims.erase(dims.begin() + axis);
  HT_ASSIGN(Tensor slice, Tensor::allocate(x.dtype, std::move(dims)));
  const MutView to = slice.mutable_view();
  HT_TRY(move_elements(to, {0, {v.inner, 1}}, x, {i * v.inner, {v.n * v.inner, 1}}, Dims{v.outer, v.inner}));
  return slice;
}

Status run_scan(RunContext& ctx) {
  HT_ASSIGN(const ScanForm form, scan_form(ctx.node()));
  const Node& node = ctx.node();
  const auto in_axes = node.ints_attr("scan_input_axes"), in_reverse = node.ints_attr("scan_input_directions"),
             out_axes = node.ints_attr("scan_output_axes"), out_reverse = node.ints_attr("scan_output_directions");
  if (ctx.output_count() < form.states) return invalid_model("Scan has fewer outputs than states");
  Tensors inputs;
  for (size_t i = 0; i < form.states + form.sequences; ++i) {
    if (!ctx.has_input(i)) return invalid_model("input " + std::to_string(i) + " is absent");
  }
  for (size_t i = 0; i < form.states; ++i) {
    HT_ASSIGN(Tensor tensor, ctx.take_input(i));
    inputs.push_back(std::move(tensor));
  }
  std::vector<int64_t> axes;
  int64_t length = -1;
  for (size_t i = 0; i < form.sequences; ++i) {
    const View& x = ctx.input(form.states + i);
    HT_ASSIGN(const int64_t axis, axis_in_rank(entry(in_axes, i), x.rank()));
    const int64_t n = x.dims[static_cast<size_t>(axis)];
    if (length >= 0 && n != length) return invalid_model("the scanned inputs have different lengths");
    length = n;
    axes.push_back(axis);
  }
  std::vector<Collected> collected(ctx.output_count() - form.states);
  for (int64_t t = 0; t < length; ++t) {
    inputs.resize(form.states);
    for (size_t i = 0; i < form.sequences; ++i) {
      const int64_t at = entry(in_reverse, i) != 0 ? length - 1 - t : t;
      HT_ASSIGN(Tensor slice, slice_at(ctx.input(form.states + i), axes[i], at));
      inputs.push_back(std::move(slice));
    }
    HT_ASSIGN(Tensors outputs, ctx.run_subgraph("body", inputs));
    if (outputs.size() != ctx.output_count()) return invalid_model("Scan's body has another number of outputs");
    for (size_t i = 0; i < form.states; ++i) inputs[i] = std::move(outputs[i]);
    for (size_t i = 0; i < collected.size(); ++i) HT_TRY(collected[i].add(std::move(outputs[form.states + i])));
  }
  HT_TRY(give_outputs(ctx, inputs, form.states));
  for (size_t i = 0; i < collected.size(); ++i) {
    if (!ctx.wants_output(form.states + i)) continue;
    EmptySlice none = empty_slice(ctx, "body", form.states + i);
    HT_TRY(collected[i].give(ctx, form.states + i, entry(out_axes, i), entry(out_reverse, i) != 0, none.type,
                             std::move(none.dims)));
  }
  return ok_status();
}

}  // namespace

std::span<const OpDef> control_flow_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "If", .schema = {1, 1, 1, -1}, .infer = infer_if, .run = run_if, .cost = move_cost},
      {.name = "Loop", .schema = {0, -1, 1, -1}, .infer = infer_loop, .run = run_loop, .cost = move_cost},
      {.name = "Scan", .since = 9, .schema = {1, -1, 1, -1}, .infer = infer_scan, .run = run_scan, .cost = move_cost},
  };
  return kOps;
}

}  // namespace halftone
