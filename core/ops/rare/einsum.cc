// Einsum: sums of products over named axes. Two operands become one stack of matrix products: axes in both and in the
// result are its batch, axes in both only its inner dimension, the others rows and columns; an axis that nobody else
// names is summed first. More operands are taken from the left. Floats multiply as matrices (core/kernels/gemm), other
// types in double. Source: ONNX Einsum-12, numpy.einsum.
#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <string>

#include "core/base/checked.h"
#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/rare.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

// Letters of the equation; axes that an ellipsis stands for are '0', '1' ... from the right.
using Labels = std::string;

struct Equation {
  std::vector<Labels> operands;
  Labels result;
};

// Spells an ellipsis of `rank` dims: the letters around it are `text`'s.
Result<Labels> spell(const std::string& text, int64_t rank) {
  const size_t dots = text.find("...");
  Labels before = text.substr(0, dots), after = dots == std::string::npos ? "" : text.substr(dots + 3);
  const int64_t extra = rank - static_cast<int64_t>(before.size() + after.size());
  if (extra < 0 || extra > 9 || (dots == std::string::npos && extra != 0)) {
    return invalid_model("'" + text + "' does not name the axes of an operand of rank " + std::to_string(rank));
  }
  for (int64_t i = extra - 1; i >= 0; --i) before += static_cast<char>('0' + i);
  return before + after;
}

Result<Equation> parse_equation(const Node& node, const std::vector<int64_t>& ranks) {
  std::string text = node.string_attr("equation", "");
  std::erase(text, ' ');
  const size_t arrow = text.find("->");
  std::string left = text.substr(0, arrow) + ",";
  Equation equation;
  for (size_t at = 0, comma; (comma = left.find(',', at)) != std::string::npos; at = comma + 1) {
    if (equation.operands.size() == ranks.size())
      return invalid_model("the equation names more operands than there are");
    HT_ASSIGN(Labels labels, spell(left.substr(at, comma - at), ranks[equation.operands.size()]));
    equation.operands.push_back(std::move(labels));
  }
  if (equation.operands.size() != ranks.size())
    return invalid_model("the equation names fewer operands than there are");
  Labels all, dots;
  for (const Labels& labels : equation.operands) all += labels;
  for (char c = '9'; c >= '0'; --c) dots += all.find(c) == std::string::npos ? "" : std::string(1, c);
  if (arrow == std::string::npos) {  // letters that occur once, in alphabetical order
    equation.result = dots;
    for (char c = '!'; c <= '~'; ++c) {
      if ((c < '0' || c > '9') && std::count(all.begin(), all.end(), c) == 1) equation.result += c;
    }
    return equation;
  }
  std::string right = text.substr(arrow + 2);
  if (const size_t at = right.find("..."); at != std::string::npos) right.replace(at, 3, dots);
  for (char c : right) {
    if (all.find(c) == std::string::npos) return invalid_model(std::string("no operand has the result's axis ") + c);
  }
  for (size_t i = 0; i < right.size(); ++i) {
    if (right.find(right[i], i + 1) != std::string::npos) return invalid_model("the result names an axis twice");
  }
  equation.result = right;
  return equation;
}

// Sizes by label; 1 gives way (ellipsis axes broadcast).
struct Sizes {
  std::array<Dim, 128> of;
  Status add(const Labels& labels, const SymShape& shape) {
    for (size_t i = 0; i < labels.size(); ++i) {
      Dim& known = of[static_cast<size_t>(labels[i]) & 127];
      const Dim& dim = shape[static_cast<int64_t>(i)];
      if (known.known() && dim.known() && known.value != dim.value && known.value != 1 && dim.value != 1) {
        return invalid_model(std::string("axis ") + labels[i] + " is " + std::to_string(known.value) + " and " +
                             std::to_string(dim.value));
      }
      if (dim.known() ? (!known.known() || known.value == 1) : (known.symbol.empty() && !known.known())) known = dim;
    }
    return ok_status();
  }
  int64_t operator()(char label) const { return of[static_cast<size_t>(label) & 127].value; }
  int64_t product(const Labels& labels) const {
    int64_t n = 1;
    for (char c : labels) n = checked_mul(n, (*this)(c)).value_or(std::numeric_limits<int64_t>::max());
    return n;
  }
};

Status infer_einsum(InferContext& ctx) {
  std::vector<int64_t> ranks;
  for (size_t i = 0; i < ctx.input_count(); ++i) {
    if (!ctx.shape(i).has_rank()) {
      ctx.set_output(0, ctx.dtype(0), SymShape());
      return ok_status();
    }
    ranks.push_back(ctx.shape(i).rank());
  }
  HT_ASSIGN(const Equation equation, parse_equation(ctx.node(), ranks));
  Sizes sizes;
  for (size_t i = 0; i < ranks.size(); ++i) HT_TRY(sizes.add(equation.operands[i], ctx.shape(i)));
  std::vector<Dim> dims;
  for (char c : equation.result) dims.push_back(sizes.of[static_cast<size_t>(c) & 127]);
  ctx.set_output(0, ctx.dtype(0), SymShape(std::move(dims)));
  return ok_status();
}

// A factor: dense elements (float or double) under labels without repetition.
struct Factor {
  Labels labels;
  Tensor tensor;
};

Dims dims_of(const Labels& labels, const Sizes& sizes) {
  Dims dims;
  for (char c : labels) dims.push_back(sizes(c));
  return dims;
}

// `x` under `from` rearranged to `to`: a repeated label walks the diagonal, one of size 1 broadcasts.
Result<Tensor> arranged(const View& x, const Labels& from, const Labels& to, const Sizes& sizes) {
  const Dims dims = dims_of(to, sizes), strides = row_major_strides(x.dims);
  Place place{0, Dims(to.size(), 0)};
  for (size_t i = 0; i < from.size(); ++i) {
    const size_t at = to.find(from[i]);
    if (at != std::string::npos && x.dims[i] != 1) place.strides[at] += strides[i];
  }
  HT_ASSIGN(Tensor out, Tensor::allocate(x.dtype, dims));
  HT_TRY(move_elements(out.mutable_view(), dense_place(dims), x, place, dims));
  return out;
}

template <typename T>
HT_RARE void sum_rows(const T* x, int64_t rows, int64_t n, T* y) {
  for (int64_t i = 0; i < rows; ++i) {
    double sum = 0;
    for (int64_t k = 0; k < n; ++k) sum += static_cast<double>(x[i * n + k]);
    y[i] = static_cast<T>(sum);
  }
}

Labels unique_labels(const Labels& labels) {
  Labels out;
  for (char c : labels) {
    if (out.find(c) == std::string::npos) out += c;
  }
  return out;
}

// An operand with its own axes summed: those that neither the result nor another operand (`others`) names.
Result<Factor> factor_of(const View& x, const Labels& labels, const Labels& others, const Sizes& sizes) {
  Labels keep, drop;
  for (char c : unique_labels(labels)) (others.find(c) == std::string::npos ? drop : keep) += c;
  HT_ASSIGN(Tensor all, arranged(x, labels, keep + drop, sizes));
  if (drop.empty()) return Factor{keep, std::move(all)};
  HT_ASSIGN(Tensor summed, Tensor::allocate(x.dtype, dims_of(keep, sizes)));
  const int64_t rows = summed.size(), n = sizes.product(drop);
  if (x.dtype == DType::kFloat) {
    sum_rows(all.data<float>().data(), rows, n, summed.mutable_data<float>().data());
  } else {
    sum_rows(all.data<double>().data(), rows, n, summed.mutable_data<double>().data());
  }
  return Factor{keep, std::move(summed)};
}

struct Product {
  int64_t batch, m, n, k;
};

HT_RARE void multiply_f64(const Product& p, const double* a, const double* b, double* c) {
  for (int64_t i = 0; i < p.batch * p.m; ++i) {
    const double* right = b + i / p.m * p.k * p.n;
    for (int64_t j = 0; j < p.n; ++j) {
      double sum = 0;
      for (int64_t x = 0; x < p.k; ++x) sum += a[i * p.k + x] * right[x * p.n + j];
      c[i * p.n + j] = sum;
    }
  }
}

Status multiply_f32(const Product& p, const float* a, const float* b, float* c) {
  constexpr float kOpen = std::numeric_limits<float>::infinity();
  HT_ASSIGN(Tensor packed, Tensor::allocate(DType::kFloat, {packed_b_f32_size(p.k, p.n)}));
  float* right = packed.mutable_data<float>().data();
  for (int64_t i = 0; i < p.batch; ++i) {
    pack_b_f32(b + i * p.k * p.n, p.k, p.n, p.n, 1, 1.0f, right);
    gemm_f32({.m = p.m,
              .n = p.n,
              .k = p.k,
              .a = a + i * p.m * p.k,
              .lda = p.k,
              .b = right,
              .c = c + i * p.m * p.n,
              .ldc = p.n,
              .accumulate = false,
              .bias = nullptr,
              .lo = -kOpen,
              .hi = kOpen});
  }
  return ok_status();
}

// The product of two factors, summed over what `others` (later operands and the result) does not name.
Result<Factor> multiply_factors(const Factor& a, const Factor& b, const Labels& others, const Sizes& sizes) {
  Labels batch, inner, rows, columns;
  for (char c : a.labels) {
    const bool shared = b.labels.find(c) != std::string::npos;
    (!shared ? rows : others.find(c) == std::string::npos ? inner : batch) += c;
  }
  for (char c : b.labels) {
    if (a.labels.find(c) == std::string::npos) columns += c;
  }
  HT_ASSIGN(Tensor left, arranged(a.tensor.view(), a.labels, batch + rows + inner, sizes));
  HT_ASSIGN(Tensor right, arranged(b.tensor.view(), b.labels, batch + inner + columns, sizes));
  Factor out{batch + rows + columns, {}};
  HT_ASSIGN(out.tensor, Tensor::allocate(left.dtype(), dims_of(out.labels, sizes)));
  const Product p{sizes.product(batch), sizes.product(rows), sizes.product(columns), sizes.product(inner)};
  if (out.tensor.size() == 0) return out;
  if (left.dtype() == DType::kFloat) {
    HT_TRY(multiply_f32(p, left.data<float>().data(), right.data<float>().data(),
                        out.tensor.mutable_data<float>().data()));
  } else {
    multiply_f64(p, left.data<double>().data(), right.data<double>().data(), out.tensor.mutable_data<double>().data());
  }
  return out;
}

// Operand i as float, or as double where it is anything else.
Result<View> operand(const RunContext& ctx, size_t i, Tensor& storage) {
  const View& x = ctx.input(i);
  if (x.dtype == DType::kFloat || x.dtype == DType::kDouble) return x;
  HT_ASSIGN(storage, Tensor::allocate(DType::kDouble, x.dims));
  HT_TRY(convert_elements(x.dtype, x.data, DType::kDouble, storage.mutable_bytes(), x.size()));
  return storage.view();
}

Status run_einsum(RunContext& ctx) {
  std::vector<int64_t> ranks;
  for (size_t i = 0; i < ctx.input_count(); ++i) {
    if (!ctx.has_input(i)) return invalid_model("operand " + std::to_string(i) + " is absent");
    ranks.push_back(ctx.input(i).rank());
  }
  HT_ASSIGN(const Equation equation, parse_equation(ctx.node(), ranks));
  Sizes sizes;
  for (size_t i = 0; i < ranks.size(); ++i) HT_TRY(sizes.add(equation.operands[i], SymShape::of(ctx.input(i).dims)));
  Factor result;
  for (size_t i = 0; i < ranks.size(); ++i) {
    Labels later = equation.result;
    for (size_t k = i + 1; k < ranks.size(); ++k) later += equation.operands[k];
    Tensor storage;
    HT_ASSIGN(const View x, operand(ctx, i, storage));
    if (i > 0 && x.dtype != result.tensor.dtype()) return invalid_model("operands of different types");
    HT_ASSIGN(Factor factor, factor_of(x, equation.operands[i], later + (i > 0 ? result.labels : ""), sizes));
    if (i == 0) {
      result = std::move(factor);
    } else {
      HT_ASSIGN(result, multiply_factors(result, factor, later, sizes));
    }
  }
  HT_ASSIGN(Tensor last, arranged(result.tensor.view(), result.labels, equation.result, sizes));
  const DType type = ctx.input(0).dtype;
  HT_ASSIGN(MutView y, ctx.output(0, type, last.dims()));
  return convert_elements(last.dtype(), last.bytes(), type, y.data, y.size());
}

}  // namespace

std::span<const OpDef> einsum_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "Einsum",
       .schema = {1, -1, 1, 1},
       .infer = infer_einsum,
       .run = in_float<run_einsum>,
       .cost = elementwise_cost},
  };
  return kOps;
}

}  // namespace halftone
