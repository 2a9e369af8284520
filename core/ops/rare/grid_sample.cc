// GridSample and AffineGrid: images read at places that a grid names. Source: ONNX operator specification,
// GridSample-16/20/22 (Jaderberg et al. 2015), AffineGrid-20. Two or three spatial axes; the grid holds (x, y) or
// (x, y, z) in [-1, 1], the corners of the image being -1 and 1 (align_corners), or the edges of its outer elements.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/rare/wide.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

enum class Mode : uint8_t { kNearest, kLinear, kCubic };
enum class Padding : uint8_t { kZeros, kBorder, kReflection };

struct Sampler {
  Mode mode;
  Padding padding;
  bool align;
  size_t axes;                  // 2 or 3
  std::array<int64_t, 3> dims;  // spatial
};

Status infer_grid_sample(InferContext& ctx) {
  const SymShape &x = ctx.shape(0), &grid = ctx.shape(1);
  SymShape out;
  if (x.has_rank() && grid.has_rank()) {
    if (x.rank() != grid.rank() || x.rank() < 4 || x.rank() > 5) {
      return invalid_model("GridSample takes an image and a grid of rank 4 or 5, not " + x.to_string() + " and " +
                           grid.to_string());
    }
    out = SymShape::unknown_dims(x.rank());
    out[0] = x[0];
    out[1] = x[1];
    for (int64_t i = 2; i < x.rank(); ++i) out[i] = grid[i - 1];
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Result<Sampler> read_sampler(const Node& node, const View& x) {
  const std::string mode = node.string_attr("mode", "linear"), padding = node.string_attr("padding_mode", "zeros");
  Sampler s{};
  if (mode == "nearest") {
    s.mode = Mode::kNearest;
  } else if (mode == "linear" || mode == "bilinear") {
    s.mode = Mode::kLinear;
  } else if (mode == "cubic" || mode == "bicubic") {
    s.mode = Mode::kCubic;
  } else {
    return invalid_model("mode is " + mode);
  }
  if (padding != "zeros" && padding != "border" && padding != "reflection")
    return invalid_model("padding_mode is " + padding);
  s.padding = padding == "zeros" ? Padding::kZeros : padding == "border" ? Padding::kBorder : Padding::kReflection;
  s.align = node.int_attr("align_corners", 0) != 0;
  s.axes = static_cast<size_t>(x.rank() - 2);
  if (s.axes == 3 && s.mode == Mode::kCubic) return unsupported("GridSample in cubic mode over three axes");
  for (size_t i = 0; i < s.axes; ++i) s.dims[i] = x.dims[i + 2];
  return s;
}

// Folds a place back into [low, high].
double reflect(double x, double low, double high) {
  const double range = high - low;
  if (range <= 0) return low;
  double rest = std::fmod(std::abs(x - low), 2 * range);
  return low + (rest > range ? 2 * range - rest : rest);
}

// The index of a corner after padding; -1: outside, zero.
int64_t padded_index(const Sampler& s, double i, int64_t n) {
  if (s.padding == Padding::kBorder) i = std::clamp(i, 0.0, static_cast<double>(n - 1));
  if (s.padding == Padding::kReflection) {
    i = s.align ? reflect(i, 0, static_cast<double>(n - 1)) : reflect(i, -0.5, static_cast<double>(n) - 0.5);
    i = std::clamp(i, 0.0, static_cast<double>(n - 1));
  }
  return i < 0 || i > static_cast<double>(n - 1) ? -1 : static_cast<int64_t>(i);
}

// Where an output element reads along one axis, and how much of each.
struct Reads {
  int count = 0;
  int64_t index[4];
  double weight[4];
};

Reads axis_reads(const Sampler& s, double grid, int64_t n) {
  if (!(std::abs(grid) < 1e9)) grid = std::isnan(grid) ? -1e9 : std::clamp(grid, -1e9, 1e9);
  const double length = static_cast<double>(n);
  double x = s.align ? (grid + 1) / 2 * (length - 1) : ((grid + 1) * length - 1) / 2;
  Reads reads;
  if (s.mode == Mode::kNearest) {
    reads.count = 1;
    reads.index[0] = padded_index(s, std::nearbyint(x), n);
    reads.weight[0] = 1;
    return reads;
  }
  const double floor = std::floor(x), t = x - floor;
  if (s.mode == Mode::kLinear) {
    reads.count = 2;
    reads.weight[0] = 1 - t;
    reads.weight[1] = t;
    for (int k = 0; k < 2; ++k) reads.index[k] = padded_index(s, floor + k, n);
    return reads;
  }
  constexpr double a = -0.75;  // Keys 1981
  reads.count = 4;
  for (int k = 0; k < 4; ++k) {
    const double d = std::abs(t + 1 - k);
    reads.weight[k] = d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    reads.index[k] = padded_index(s, floor - 1 + k, n);
  }
  return reads;
}

double sample(const float* plane, const Sampler& s, const std::array<Reads, 3>& reads) {
  double sum = 0;
  const int depth = s.axes == 3 ? reads[2].count : 1;
  for (int d = 0; d < depth; ++d) {
    for (int r = 0; r < reads[1].count; ++r) {
      for (int c = 0; c < reads[0].count; ++c) {
        const int64_t z = s.axes == 3 ? reads[2].index[d] : 0, y = reads[1].index[r], x = reads[0].index[c];
        if (x < 0 || y < 0 || z < 0) continue;
        const double weight = (s.axes == 3 ? reads[2].weight[d] : 1) * reads[1].weight[r] * reads[0].weight[c];
        sum += weight * static_cast<double>(plane[(z * s.dims[s.axes - 2] + y) * s.dims[s.axes - 1] + x]);
      }
    }
  }
  return sum;
}

Status run_grid_sample(RunContext& ctx) {
  const View &x = ctx.input(0), &grid = ctx.input(1);
  if (x.dtype != DType::kFloat || grid.dtype != DType::kFloat) {
    return unsupported("GridSample of " + std::string(dtype_name(x.dtype)));
  }
  HT_ASSIGN(MutView y, make_output(ctx, infer_grid_sample));
  HT_ASSIGN(const Sampler s, read_sampler(ctx.node(), x));
  if (grid.dims.back() != static_cast<int64_t>(s.axes) || grid.dims[0] != x.dims[0]) {
    return invalid_model("the grid " + to_string(grid.dims) + " does not fit the image " + to_string(x.dims));
  }
  if (y.size() == 0) return ok_status();
  const int64_t places = y.size() / (y.dims[0] * y.dims[1]), channels = x.dims[1];
  const int64_t plane = x.size() / (x.dims[0] * channels);
  if (plane == 0) return invalid_model("GridSample of an empty image");
  for (int64_t at = 0; at < y.dims[0] * places; ++at) {
    std::array<Reads, 3> reads;
    for (size_t i = 0; i < s.axes; ++i) {
      const float g = grid.as<float>()[at * static_cast<int64_t>(s.axes) + static_cast<int64_t>(i)];
      reads[i] = axis_reads(s, static_cast<double>(g), s.dims[s.axes - 1 - i]);
    }
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t image = at / places * channels + c;
      y.as<float>()[image * places + at % places] = static_cast<float>(sample(x.as<float>() + image * plane, s, reads));
    }
  }
  return ok_status();
}

// --- AffineGrid -------------------------------------------------------------------------------

// theta [N, axes, axes + 1], size [N, C, spatial...] -> [N, spatial..., axes]
Status infer_affine_grid(InferContext& ctx) {
  SymShape out;
  if (const auto size = ctx.shape_contents(1); size && (size->size() == 4 || size->size() == 5)) {
    std::vector<Dim> dims = {(*size)[0]};
    dims.insert(dims.end(), size->begin() + 2, size->end());
    dims.emplace_back(static_cast<int64_t>(size->size()) - 2);
    out = SymShape(std::move(dims));
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status run_affine_grid(RunContext& ctx) {
  HT_ASSIGN(const auto specs, resolve_outputs(ctx, infer_affine_grid));
  const Dims& dims = specs[0].dims;
  const size_t axes = dims.size() - 2;
  const View& theta = ctx.input(0);
  const int64_t row = static_cast<int64_t>(axes) + 1;
  if (theta.rank() != 3 || theta.dims != Dims{dims[0], row - 1, row}) {
    return invalid_model("theta " + to_string(theta.dims) + " does not fit the size");
  }
  HT_ASSIGN(const Tensor matrix, as_doubles(theta));
  HT_ASSIGN(Tensor grid, zero_doubles(dims));
  const auto out = grid.mutable_data<double>();
  const bool align = ctx.node().int_attr("align_corners", 0) != 0;
  for (size_t at = 0; at < out.size(); at += axes) {
    double place[4] = {};
    int64_t rest = static_cast<int64_t>(at / axes);
    for (size_t i = 0; i < axes; ++i) {  // x first: the last axis
      const int64_t n = dims[axes - i];
      const double k = static_cast<double>(rest % n), length = static_cast<double>(n);
      place[i] = align ? (n == 1 ? 0 : 2 * k / (length - 1) - 1) : (2 * k + 1) / length - 1;
      rest /= n;
    }
    place[axes] = 1;
    for (size_t i = 0; i < axes; ++i) {
      const double* from = matrix.data<double>().data() + (static_cast<size_t>(rest) * axes + i) * (axes + 1);
      for (size_t k = 0; k <= axes; ++k) out[at + i] += from[k] * place[k];
    }
  }
  return give_doubles(ctx, 0, theta.dtype, grid);
}

}  // namespace

std::span<const OpDef> grid_sample_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "AffineGrid",
       .schema = {2, 2, 1, 1},
       .infer = infer_affine_grid,
       .run = run_affine_grid,
       .cost = elementwise_cost},
      {.name = "GridSample",
       .schema = {2, 2, 1, 1},
       .infer = infer_grid_sample,
       .run = in_single<run_grid_sample>,
       .cost = elementwise_cost},
  };
  return kOps;
}

}  // namespace halftone
