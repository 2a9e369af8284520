// Windows of rare operators: LpPool and GlobalLpPool ((sum |x|^p)^(1/p) over a window), MaxUnpool (values back to where
// MaxPool found them), Col2Im (blocks added up to an image). Source: ONNX operator specification, LpPool-1/2/11/18/22,
// GlobalLpPool-1/2, MaxUnpool-9/11/22, Col2Im-18; windows: window.h.
#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/checked.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/index_util.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"
#include "core/ops/window.h"

namespace halftone {
namespace {

Status need_float(const RunContext& ctx) {
  const DType type = ctx.input(0).dtype;
  return type == DType::kFloat ? ok_status() : unsupported(ctx.node().op_type + " of " + std::string(dtype_name(type)));
}

// Calls visit(output index, input index) for every element of every window that lies inside one plane.
template <typename Visit>
void for_each_tap(const Window& w, const WindowDims& in, const WindowDims& out, Visit&& visit) {
  const int64_t outputs = out[0] * out[1] * out[2], taps = w.kernel[0] * w.kernel[1] * w.kernel[2];
  for (int64_t o = 0; o < outputs; ++o) {
    const int64_t at[] = {o / (out[1] * out[2]), o / out[2] % out[1], o % out[2]};
    for (int64_t t = 0; t < taps; ++t) {
      const int64_t tap[] = {t / (w.kernel[1] * w.kernel[2]), t / w.kernel[2] % w.kernel[1], t % w.kernel[2]};
      int64_t index = 0;
      bool inside = true;
      for (size_t a = 0; a < kWindowAxes; ++a) {
        const int64_t i = at[a] * w.stride[a] + tap[a] * w.dilation[a] - w.pad_begin[a];
        inside = inside && i >= 0 && i < in[a];
        index = index * in[a] + i;
      }
      if (inside) visit(o, t, index);
    }
  }
}

// --- LpPool -----------------------------------------------------------------------------------

Status infer_lp_pool(InferContext& ctx) {
  const SymShape& x = ctx.shape(0);
  SymShape out;
  if (x.has_rank()) {
    HT_ASSIGN(const Window w, read_window(ctx.node(), x.rank() - 2, {}));
    out = x;
    for (int64_t i = 0; i < w.rank; ++i) {
      HT_ASSIGN(out[i + 2], window_output(w, w.axis(i), x[i + 2]));
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

double power(double x, int64_t p) { return p == 1 ? x : p == 2 ? x * x : std::pow(x, static_cast<double>(p)); }
double root(double x, int64_t p) {
  return p == 1 ? x : p == 2 ? std::sqrt(x) : std::pow(x, 1 / static_cast<double>(p));
}

Result<int64_t> norm_order(const Node& node) {
  // Opset 1 has it as a float.
  const int64_t p = node.int_attr("p", static_cast<int64_t>(node.float_attr("p", 2)));
  if (p < 1) return invalid_model("p must be positive");
  return p;
}

Status run_lp_pool(RunContext& ctx) {
  HT_TRY(need_float(ctx));
  const View& x = ctx.input(0);
  HT_ASSIGN(Window w, read_window(ctx.node(), x.rank() - 2, {}));
  HT_ASSIGN(const int64_t p, norm_order(ctx.node()));
  WindowDims in{1, 1, 1}, out{1, 1, 1};
  Dims dims = {x.dims[0], x.dims[1]};
  for (int64_t i = 0; i < w.rank; ++i) {
    const size_t a = w.axis(i);
    in[a] = x.dims[static_cast<size_t>(i) + 2];
    HT_ASSIGN(out[a], resolve_window(w, a, in[a]));
    dims.push_back(out[a]);
  }
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, dims));
  const int64_t in_plane = in[0] * in[1] * in[2], out_plane = out[0] * out[1] * out[2];
  std::vector<double> sums(static_cast<size_t>(out_plane));
  for (int64_t i = 0; i < x.dims[0] * x.dims[1]; ++i) {
    std::fill(sums.begin(), sums.end(), 0.0);
    const float* plane = x.as<float>() + i * in_plane;
    for_each_tap(w, in, out, [&](int64_t o, int64_t, int64_t at) {
      sums[static_cast<size_t>(o)] += power(std::abs(static_cast<double>(plane[at])), p);
    });
    std::transform(sums.begin(), sums.end(), y.as<float>() + i * out_plane,
                   [&](double sum) { return static_cast<float>(root(sum, p)); });
  }
  return ok_status();
}

Status infer_global(InferContext& ctx) {
  SymShape out = ctx.shape(0);
  for (int64_t i = 2; i < out.rank(); ++i) out[i] = Dim(1);
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status run_global_lp(RunContext& ctx) {
  HT_TRY(need_float(ctx));
  const View& x = ctx.input(0);
  HT_ASSIGN(const int64_t p, norm_order(ctx.node()));
  HT_ASSIGN(MutView y, make_output(ctx, infer_global));
  const int64_t n = y.size() == 0 ? 0 : x.size() / y.size();
  for (int64_t i = 0; i < y.size(); ++i) {
    double sum = 0;
    for (int64_t k = 0; k < n; ++k) sum += power(std::abs(static_cast<double>(x.as<float>()[i * n + k])), p);
    y.as<float>()[i] = static_cast<float>(root(sum, p));
  }
  return ok_status();
}

// --- MaxUnpool --------------------------------------------------------------------------------

Status infer_unpool(InferContext& ctx) {
  const SymShape& x = ctx.shape(0);
  SymShape out;
  if (const auto given = ctx.has_input(2) ? ctx.shape_contents(2) : std::nullopt) {
    out = SymShape(*given);
  } else if (x.has_rank()) {
    HT_ASSIGN(const Window w, read_window(ctx.node(), x.rank() - 2, {}));
    out = ctx.has_input(2) ? SymShape::unknown_dims(x.rank()) : x;
    for (int64_t i = 0; i < w.rank && !ctx.has_input(2); ++i) {
      const size_t a = w.axis(i);
      if (!x[i + 2].known()) continue;
      out[i + 2] = Dim((x[i + 2].value - 1) * w.stride[a] + w.kernel[a] - w.pad_begin[a] - w.pad_end[a]);
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status run_unpool(RunContext& ctx) {
  HT_TRY(need_float(ctx));
  const View &x = ctx.input(0), &indices = ctx.input(1);
  if (indices.dtype != DType::kInt64 || indices.dims != x.dims)
    return invalid_model("the indices do not fit the values");
  HT_ASSIGN(MutView y, make_output(ctx, infer_unpool));
  if (y.rank() != x.rank()) return invalid_model("the output shape has another rank than the input");
  std::fill_n(y.as<float>(), y.size(), 0.0f);
  // Indices count in the tensor that was pooled, whose planes may be smaller than the output asked for.
  HT_ASSIGN(const Window w, read_window(ctx.node(), x.rank() - 2, {}));
  Dims from = {x.dims[0], x.dims[1]};
  for (int64_t i = 0; i < w.rank; ++i) {
    const size_t a = w.axis(i);
    from.push_back((x.dims[static_cast<size_t>(i) + 2] - 1) * w.stride[a] + w.kernel[a] - w.pad_begin[a] -
                   w.pad_end[a]);
  }
  const Dims strides = row_major_strides(from), to = row_major_strides(y.dims);
  for (int64_t i = 0; i < x.size(); ++i) {
    int64_t rest = indices.as<int64_t>()[i], at = 0;
    bool inside = rest >= 0;
    for (size_t k = 0; k < from.size(); ++k) {
      const int64_t index = strides[k] > 0 ? rest / strides[k] : 0;
      rest -= index * strides[k];
      inside = inside && index >= 0 && index < y.dims[k];
      at += index * to[k];
    }
    if (!inside) return invalid_model("an index of MaxUnpool lies outside of its output");
    y.as<float>()[at] = x.as<float>()[i];
  }
  return ok_status();
}

// --- Col2Im -----------------------------------------------------------------------------------

Status infer_col2im(InferContext& ctx) {
  const SymShape& x = ctx.shape(0);
  SymShape out;
  const auto image = ctx.shape_contents(1);
  if (image && x.has_rank() && x.rank() == 3) {
    std::vector<Dim> dims = {x[0], Dim()};
    if (const Tensor* block = ctx.constant(2); block != nullptr && x[1].known()) {
      HT_ASSIGN(const auto sizes, int_elements(*block));
      const auto size = checked_product(sizes);
      if (!size || *size < 1 || x[1].value % *size != 0) return invalid_model("the columns do not divide into blocks");
      dims[1] = Dim(x[1].value / *size);
    }
    dims.insert(dims.end(), image->begin(), image->end());
    out = SymShape(std::move(dims));
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status run_col2im(RunContext& ctx) {
  HT_TRY(need_float(ctx));
  const View& x = ctx.input(0);
  HT_ASSIGN(const auto image, int_input(ctx, 1));
  HT_ASSIGN(const auto block, int_input(ctx, 2));
  if (image.size() != block.size()) return invalid_model("image_shape and block_shape have different lengths");
  HT_ASSIGN(Window window, read_window(ctx.node(), static_cast<int64_t>(image.size()), block));
  HT_ASSIGN(MutView y, make_output(ctx, infer_col2im));
  WindowDims in{1, 1, 1}, out{1, 1, 1};
  for (int64_t i = 0; i < window.rank; ++i) {
    const size_t a = window.axis(i);
    in[a] = image[static_cast<size_t>(i)];
    HT_ASSIGN(out[a], resolve_window(window, a, in[a]));
  }
  const int64_t blocks = out[0] * out[1] * out[2], plane = in[0] * in[1] * in[2];
  if (blocks != x.dims[2]) return invalid_model("the columns " + to_string(x.dims) + " are not as many as the blocks");
  const int64_t taps = x.dims[1] / std::max<int64_t>(y.dims[1], 1);
  std::fill_n(y.as<float>(), y.size(), 0.0f);
  for (int64_t i = 0; i < y.dims[0] * y.dims[1]; ++i) {
    const float* columns = x.as<float>() + i * taps * blocks;
    float* to = y.as<float>() + i * plane;
    for_each_tap(window, in, out, [&](int64_t o, int64_t t, int64_t at) { to[at] += columns[t * blocks + o]; });
  }
  return ok_status();
}

constexpr OpDef window_op(std::string_view name, OpSchema schema, InferFn infer, RunFn run) {
  return {.name = name, .schema = schema, .infer = infer, .run = run, .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> pool_rare_ops() {
  static constexpr OpDef kOps[] = {
      window_op("Col2Im", {3, 3, 1, 1}, infer_col2im, in_single<run_col2im>),
      window_op("GlobalLpPool", {1, 1, 1, 1}, infer_global, in_single<run_global_lp>),
      window_op("LpPool", {1, 1, 1, 1}, infer_lp_pool, in_single<run_lp_pool>),
      window_op("MaxUnpool", {2, 3, 1, 1}, infer_unpool, in_single<run_unpool>),
  };
  return kOps;
}

}  // namespace halftone
