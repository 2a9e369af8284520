// Operators that few models use and nobody needs fast: Unique, Det, CenterCropPad. Source: ONNX operator specification,
// Unique-11, Det-11/22, CenterCropPad-18.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "core/base/sort_order.h"
#include "core/ops/axis_view.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/rare/wide.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

// --- Unique -----------------------------------------------------------------------------------

Status infer_unique(InferContext& ctx) {
  SymShape out = SymShape::unknown_dims(1);
  if (ctx.node().has("axis")) {
    out = ctx.shape(0);
    if (out.has_rank()) {
      HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", 0), out.rank()));
      out[axis] = Dim();
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  for (size_t i = 1; i < 4; ++i) ctx.set_output(i, DType::kInt64, SymShape::unknown_dims(1));
  return ok_status();
}

struct Groups {
  std::vector<int64_t> first, inverse, count;  // of each group; `inverse`: the group of each slice
};

// Equal slices (rows of `n` doubles) together, in sorted order or in that of their first appearance.
Groups group_rows(const std::vector<double>& rows, int64_t slices, int64_t n, bool sorted) {
  const auto row = [&](int64_t i) { return rows.begin() + i * n; };
  const auto before = [&](int64_t a, int64_t b) {
    return std::lexicographical_compare(row(a), row(a) + n, row(b), row(b) + n);
  };
  const std::vector<int64_t> order = sorted_order(slices, before);
  Groups g;
  g.inverse.resize(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || before(order[i - 1], order[i])) {
      g.first.push_back(order[i]);
      g.count.push_back(0);
    }
    ++g.count.back();
    g.inverse[static_cast<size_t>(order[i])] = static_cast<int64_t>(g.first.size()) - 1;
  }
  if (sorted) return g;
  std::vector<int64_t> rank(g.first.size());
  const auto place = [&](int64_t i) { return g.first[static_cast<size_t>(i)]; };
  const std::vector<int64_t> by_place =
      sorted_order(static_cast<int64_t>(g.first.size()), [&](int64_t a, int64_t b) { return place(a) < place(b); });
  Groups out;
  for (size_t i = 0; i < by_place.size(); ++i) {
    const size_t from = static_cast<size_t>(by_place[i]);
    rank[from] = static_cast<int64_t>(i);
    out.first.push_back(g.first[from]);
    out.count.push_back(g.count[from]);
  }
  for (int64_t i : g.inverse) out.inverse.push_back(rank[static_cast<size_t>(i)]);
  return out;
}

Status run_unique(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(const Tensor wide, as_doubles(x));
  const auto elements = wide.data<double>();
  const bool flat = !ctx.node().has("axis");
  AxisView v{1, x.size(), 1};
  Dims dims = {x.size()};
  int64_t axis = 0;
  if (!flat) {
    HT_ASSIGN(axis, axis_in_rank(ctx.node().int_attr("axis", 0), x.rank()));
    v = axis_view(x.dims, axis);
    dims = x.dims;
  }
  std::vector<double> rows(elements.size());
  for (int64_t o = 0; o < v.outer; ++o) {
    for (int64_t i = 0; i < v.n * v.inner; ++i) {
      const int64_t to = i / v.inner * v.outer * v.inner + o * v.inner + i % v.inner;
      rows[static_cast<size_t>(to)] = elements[static_cast<size_t>(o * v.n * v.inner + i)];
    }
  }
  const Groups g = group_rows(rows, v.n, v.outer * v.inner, ctx.node().int_attr("sorted", 1) != 0);
  dims[static_cast<size_t>(axis)] = static_cast<int64_t>(g.first.size());
  if (ctx.wants_output(0)) {
    HT_ASSIGN(MutView y, ctx.output(0, x.dtype, dims));
    const int64_t n = dims[static_cast<size_t>(axis)];
    for (int64_t k = 0; k < n; ++k) {
      HT_TRY(move_elements(y, {k * v.inner, {n * v.inner, 1}}, x,
                           {g.first[static_cast<size_t>(k)] * v.inner, {v.n * v.inner, 1}}, Dims{v.outer, v.inner}));
    }
  }
  const std::vector<int64_t>* lists[] = {&g.first, &g.inverse, &g.count};
  for (size_t i = 1; i < std::min<size_t>(ctx.output_count(), 4); ++i) {
    if (!ctx.wants_output(i)) continue;
    const Dims length = {static_cast<int64_t>(lists[i - 1]->size())};
    HT_ASSIGN(MutView y, ctx.output(i, DType::kInt64, length));
    std::copy(lists[i - 1]->begin(), lists[i - 1]->end(), y.as<int64_t>());
  }
  return ok_status();
}

// --- Det --------------------------------------------------------------------------------------

Status infer_det(InferContext& ctx) {
  const SymShape& x = ctx.shape(0);
  SymShape out;
  if (x.has_rank()) {
    if (x.rank() < 2) return invalid_model("Det needs square matrices");
    out = SymShape(std::vector<Dim>(x.dims().begin(), x.dims().end() - 2));
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

// By elimination with row pivoting.
double determinant(double* a, int64_t n) {
  double det = 1;
  for (int64_t k = 0; k < n; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < n; ++i) {
      if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k])) pivot = i;
    }
    if (a[pivot * n + k] == 0) return 0;
    if (pivot != k) {
      std::swap_ranges(a + k * n, a + (k + 1) * n, a + pivot * n);
      det = -det;
    }
    det *= a[k * n + k];
    for (int64_t i = k + 1; i < n; ++i) {
      const double factor = a[i * n + k] / a[k * n + k];
      for (int64_t j = k; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
    }
  }
  return det;
}

Status run_det(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(const auto specs, resolve_outputs(ctx, infer_det));
  const int64_t n = x.dims.back();
  if (x.dims[x.dims.size() - 2] != n) return invalid_model("Det needs square matrices, not " + to_string(x.dims));
  HT_ASSIGN(Tensor matrices, as_doubles(x));
  HT_ASSIGN(Tensor result, zero_doubles(specs[0].dims));
  double* a = matrices.mutable_data<double>().data();
  for (double& det : result.mutable_data<double>()) {
    det = determinant(a, n);
    a += n * n;
  }
  return give_doubles(ctx, 0, x.dtype, result);
}

// --- CenterCropPad ----------------------------------------------------------------------------

Result<Dims> crop_axes(const Node& node, int64_t rank) {
  if (node.has("axes")) return axes_in_rank(node.ints_attr("axes"), rank);
  Dims axes(static_cast<size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

Status infer_center(InferContext& ctx) {
  SymShape out = ctx.shape(0);
  if (out.has_rank()) {
    HT_ASSIGN(const auto axes, crop_axes(ctx.node(), out.rank()));
    const auto sizes = ctx.shape_contents(1);
    if (sizes && sizes->size() != axes.size()) return invalid_model("shape must hold one size for each axis");
    for (size_t i = 0; i < axes.size(); ++i) out[axes[i]] = sizes ? (*sizes)[i] : Dim();
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

// The middle of x in the middle of zeros; the odd element is cut (added) at the end.
Status run_center(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, make_output(ctx, infer_center));
  if (x.dtype == DType::kString) return unsupported("CenterCropPad of strings");
  std::fill_n(y.bytes(), packed_bytes(y.dtype, y.size()).value_or(0), uint8_t{0});
  Dims dims;
  Place to = dense_place(y.dims), from = dense_place(x.dims);
  for (size_t i = 0; i < x.dims.size(); ++i) {
    const int64_t n = x.dims[i], m = y.dims[i];
    dims.push_back(std::min(n, m));
    if (m > n) to.offset += (m - n) / 2 * to.strides[i];
    if (n > m) from.offset += (n - m) / 2 * from.strides[i];
  }
  return move_elements(y, to, x, from, dims);
}

}  // namespace

std::span<const OpDef> rare_math_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "CenterCropPad", .schema = {2, 2, 1, 1}, .infer = infer_center, .run = run_center, .cost = move_cost},
      {.name = "Det", .infer = infer_det, .run = run_det, .cost = elementwise_cost},
      {.name = "Unique", .schema = {1, 1, 1, 4}, .infer = infer_unique, .run = run_unique, .cost = elementwise_cost},
  };
  return kOps;
}

}  // namespace halftone
