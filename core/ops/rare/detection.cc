// NonMaxSuppression and RoiAlign: the tail of detection networks. Source: ONNX operator specification,
// NonMaxSuppression-10/11, RoiAlign-10/16/22 (He et al. 2017, section 3, for the sampling).
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "core/base/sort_order.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/index_util.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

// --- NonMaxSuppression ------------------------------------------------------------------------

Status infer_nms(InferContext& ctx) {
  ctx.set_output(0, DType::kInt64, SymShape({Dim(), Dim(3)}));
  return ok_status();
}

// Corners in order, whichever two the box names.
struct Box {
  float low[2], high[2];
  float area() const { return (high[0] - low[0]) * (high[1] - low[1]); }
};

Box read_box(const float* b, bool center) {
  if (center) return {{b[1] - b[3] / 2, b[0] - b[2] / 2}, {b[1] + b[3] / 2, b[0] + b[2] / 2}};
  return {{std::min(b[0], b[2]), std::min(b[1], b[3])}, {std::max(b[0], b[2]), std::max(b[1], b[3])}};
}

float overlap(const Box& a, const Box& b) {
  const float height = std::min(a.high[0], b.high[0]) - std::max(a.low[0], b.low[0]);
  const float width = std::min(a.high[1], b.high[1]) - std::max(a.low[1], b.low[1]);
  if (height <= 0 || width <= 0) return 0;
  const float both = height * width;
  return both / (a.area() + b.area() - both);
}

struct NmsRule {
  int64_t most = 0;
  float overlap = 0, score = -std::numeric_limits<float>::infinity();
};

Result<NmsRule> nms_rule(const RunContext& ctx) {
  NmsRule rule;
  if (ctx.has_input(2)) {
    HT_ASSIGN(auto most, int_input(ctx, 2));
    if (most.size() != 1) return invalid_model("max_output_boxes_per_class must be one number");
    rule.most = std::max<int64_t>(most[0], 0);
  }
  for (size_t i : {3, 4}) {
    if (!ctx.has_input(i)) continue;
    if (ctx.input(i).dtype != DType::kFloat || ctx.input(i).size() != 1)
      return invalid_model("a threshold must be one float");
    (i == 3 ? rule.overlap : rule.score) = *ctx.input(i).as<float>();
  }
  return rule;
}

// Indices of the boxes that stay, the best first; equal scores keep the order of the boxes.
std::vector<int64_t> suppress(const std::vector<Box>& boxes, const float* scores, const NmsRule& rule) {
  std::vector<int64_t> order, kept;
  for (int64_t i = 0; i < static_cast<int64_t>(boxes.size()); ++i) {
    if (scores[i] > rule.score) order.push_back(i);
  }
  sort_order(order, [&](int64_t a, int64_t b) { return scores[a] > scores[b]; });
  for (int64_t i : order) {
    if (static_cast<int64_t>(kept.size()) >= rule.most) break;
    const auto covers = [&](int64_t k) {
      return overlap(boxes[static_cast<size_t>(i)], boxes[static_cast<size_t>(k)]) > rule.overlap;
    };
    if (std::none_of(kept.begin(), kept.end(), covers)) kept.push_back(i);
  }
  return kept;
}

Status run_nms(RunContext& ctx) {
  const View &boxes = ctx.input(0), &scores = ctx.input(1);
  if (boxes.dtype != DType::kFloat || scores.dtype != DType::kFloat) return unsupported("boxes must be float");
  if (boxes.rank() != 3 || boxes.dims[2] != 4 || scores.rank() != 3 || scores.dims[0] != boxes.dims[0] ||
      scores.dims[2] != boxes.dims[1]) {
    return invalid_model("boxes " + to_string(boxes.dims) + " and scores " + to_string(scores.dims) + " do not fit");
  }
  HT_ASSIGN(const NmsRule rule, nms_rule(ctx));
  const bool center = ctx.node().int_attr("center_point_box", 0) != 0;
  const int64_t n = boxes.dims[1], classes = scores.dims[1];
  std::vector<int64_t> selected;
  for (int64_t b = 0; b < boxes.dims[0]; ++b) {
    std::vector<Box> corners;
    for (int64_t i = 0; i < n; ++i) corners.push_back(read_box(boxes.as<float>() + (b * n + i) * 4, center));
    for (int64_t c = 0; c < classes; ++c) {
      for (int64_t i : suppress(corners, scores.as<float>() + (b * classes + c) * n, rule)) {
        selected.insert(selected.end(), {b, c, i});
      }
    }
  }
  const Dims dims = {static_cast<int64_t>(selected.size()) / 3, 3};
  HT_ASSIGN(MutView y, ctx.output(0, DType::kInt64, dims));
  std::copy(selected.begin(), selected.end(), y.as<int64_t>());
  return ok_status();
}

// --- RoiAlign ---------------------------------------------------------------------------------

Status infer_roi_align(InferContext& ctx) {
  SymShape out = SymShape::unknown_dims(4);
  if (ctx.shape(1).has_rank() && ctx.shape(1).rank() == 2) out[0] = ctx.shape(1)[0];
  if (ctx.shape(0).has_rank() && ctx.shape(0).rank() == 4) out[1] = ctx.shape(0)[1];
  out[2] = Dim(ctx.node().int_attr("output_height", 1));
  out[3] = Dim(ctx.node().int_attr("output_width", 1));
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

// The four corners around a place and their weights; all zero outside of the plane.
struct Sample {
  int64_t at[4];
  float weight[4];
};
Sample bilinear(float y, float x, int64_t height, int64_t width) {
  if (!(y >= -1 && y <= static_cast<float>(height) && x >= -1 && x <= static_cast<float>(width))) return {};
  y = std::clamp(y, 0.0f, static_cast<float>(height - 1));
  x = std::clamp(x, 0.0f, static_cast<float>(width - 1));
  const int64_t y0 = static_cast<int64_t>(y), x0 = static_cast<int64_t>(x);
  const int64_t y1 = std::min(y0 + 1, height - 1), x1 = std::min(x0 + 1, width - 1);
  const float fy = y - static_cast<float>(y0), fx = x - static_cast<float>(x0);
  return {{y0 * width + x0, y0 * width + x1, y1 * width + x0, y1 * width + x1},
          {(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx}};
}

// Samples of one output cell of a region.
struct Region {
  float y, x, cell_height, cell_width;
  int64_t rows, columns;  // samples per cell
  std::vector<Sample> cell(int64_t i, int64_t j, int64_t height, int64_t width) const {
    std::vector<Sample> samples;
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        const float at_y =
            y + (static_cast<float>(i) + (static_cast<float>(r) + 0.5f) / static_cast<float>(rows)) * cell_height;
        const float at_x =
            x + (static_cast<float>(j) + (static_cast<float>(c) + 0.5f) / static_cast<float>(columns)) * cell_width;
        samples.push_back(bilinear(at_y, at_x, height, width));
      }
    }
    return samples;
  }
};

Region region_of(const Node& node, int64_t opset, const float* roi, int64_t out_height, int64_t out_width) {
  const float scale = node.float_attr("spatial_scale", 1);
  // Opset 10 has no half-pixel shift, and its regions are at least one element large.
  const bool shifted = opset >= 16 && node.string_attr("coordinate_transformation_mode", "half_pixel") == "half_pixel";
  const float shift = shifted ? 0.5f : 0.0f;
  float height = (roi[3] - roi[1]) * scale, width = (roi[2] - roi[0]) * scale;
  if (!shifted) height = std::max(height, 1.0f), width = std::max(width, 1.0f);
  Region region{roi[1] * scale - shift,
                roi[0] * scale - shift,
                height / static_cast<float>(out_height),
                width / static_cast<float>(out_width),
                0,
                0};
  const int64_t ratio = std::min<int64_t>(node.int_attr("sampling_ratio", 0), 1 << 10);
  const auto samples = [&](float cell) {
    return ratio > 0 ? ratio : !(cell > 1) ? 1 : static_cast<int64_t>(std::min(std::ceil(cell), 1024.0f));
  };
  region.rows = samples(region.cell_height);
  region.columns = samples(region.cell_width);
  return region;
}

float pool_samples(const std::vector<Sample>& samples, const float* plane, bool largest) {
  float sum = 0, best = -std::numeric_limits<float>::infinity();
  for (const Sample& s : samples) {
    for (int k = 0; k < 4; ++k) {
      const float v = s.weight[k] * plane[s.at[k]];
      sum += v;
      best = std::max(best, v);
    }
  }
  return largest ? best : sum / static_cast<float>(samples.size());
}

Status run_roi_align(RunContext& ctx) {
  const View &x = ctx.input(0), &rois = ctx.input(1);
  if (x.dtype != DType::kFloat || rois.dtype != DType::kFloat)
    return unsupported("RoiAlign of " + std::string(dtype_name(x.dtype)));
  if (x.rank() != 4 || rois.rank() != 2 || rois.dims[1] != 4 || x.dims[2] * x.dims[3] == 0) {
    return invalid_model("RoiAlign takes images of rank 4 and regions of 4 numbers");
  }
  HT_ASSIGN(const auto batch, indices_below(ctx, 2, x.dims[0]));
  if (static_cast<int64_t>(batch.size()) != rois.dims[0])
    return invalid_model("batch_indices must name one image per region");
  HT_ASSIGN(MutView y, make_output(ctx, infer_roi_align));
  const bool largest = ctx.node().string_attr("mode", "avg") == "max";
  const int64_t channels = x.dims[1], height = x.dims[2], width = x.dims[3];
  for (int64_t r = 0; r < rois.dims[0]; ++r) {
    const Region region = region_of(ctx.node(), ctx.opset(), rois.as<float>() + r * 4, y.dims[2], y.dims[3]);
    for (int64_t cell = 0; cell < y.dims[2] * y.dims[3]; ++cell) {
      const auto samples = region.cell(cell / y.dims[3], cell % y.dims[3], height, width);
      for (int64_t c = 0; c < channels; ++c) {
        const float* plane = x.as<float>() + (batch[static_cast<size_t>(r)] * channels + c) * height * width;
        y.as<float>()[(r * channels + c) * y.dims[2] * y.dims[3] + cell] = pool_samples(samples, plane, largest);
      }
    }
  }
  return ok_status();
}

}  // namespace

std::span<const OpDef> detection_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "NonMaxSuppression",
       .schema = {2, 5, 1, 1},
       .infer = infer_nms,
       .run = in_single<run_nms>,
       .cost = move_cost},
      {.name = "RoiAlign",
       .schema = {3, 3, 1, 1},
       .infer = infer_roi_align,
       .run = in_single<run_roi_align>,
       .cost = elementwise_cost},
  };
  return kOps;
}

}  // namespace halftone
