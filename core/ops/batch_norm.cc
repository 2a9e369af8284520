// BatchNormalization, InstanceNormalization, GroupNormalization, LRN: statistics over the
// planes of x [N, C, ...]. Source: ONNX operator specification, BatchNormalization-1/6/7/9/14/15 (the training form
// hands out running statistics), InstanceNormalization-1/6/22, GroupNormalization-18/21, LRN-1/13.
#include <algorithm>
#include <cmath>
#include <string>

#include "core/kernels/reduce/normalize.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"

namespace halftone {
namespace {

// x as [batch, channels, plane].
struct Planes {
  int64_t batch = 1, channels = 1, plane = 1;
};
Result<Planes> planes_of(const RunContext& ctx) {
  const View& x = ctx.input(0);
  if (x.dtype != DType::kFloat) return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(x.dtype)));
  if (x.rank() < 1) return invalid_model(ctx.node().op_type + " of a scalar");
  if (x.rank() == 1) return Planes{1, x.dims[0], 1};
  return Planes{x.dims[0], x.dims[1], *element_count(Dims(x.dims.begin() + 2, x.dims.end()))};
}

// Inputs first .. first + count - 1 are vectors of n floats.
Status check_vectors(const RunContext& ctx, size_t first, size_t count, int64_t n) {
  for (size_t i = first; i < first + count; ++i) {
    const View& v = ctx.input(i);
    if (v.dtype != DType::kFloat || v.rank() != 1 || v.dims[0] != n) {
      return invalid_model("input " + std::to_string(i) + " must be " + std::to_string(n) + " floats, not " +
                           to_string(v.dims));
    }
  }
  return ok_status();
}

bool is_training(const Node& node) { return node.int_attr("training_mode", 0) != 0; }

Status infer_batch_norm(InferContext& ctx) {
  const SymShape& x = ctx.shape(0);
  ctx.set_output(0, ctx.dtype(0), x);
  if (!is_training(ctx.node())) return ok_status();
  const SymShape channels = x.has_rank() && x.rank() > 1 ? SymShape({x[1]}) : SymShape::unknown_dims(1);
  for (size_t i = 1; i < std::min<size_t>(ctx.node().outputs.size(), 3); ++i) {
    ctx.set_output(i, ctx.dtype(i + 2), channels);
  }
  return ok_status();
}

// The batch's own mean and variance of each channel, and the running ones updated with them.
Status batch_statistics(RunContext& ctx, const Planes& p, float* mean, float* variance) {
  const float* x = ctx.input(0).as<float>();
  const float momentum = ctx.node().float_attr("momentum", 0.9f);
  for (int64_t c = 0; c < p.channels; ++c) {
    double sum = 0, squares = 0;
    for (int64_t b = 0; b < p.batch; ++b) {
      sum += moments_f32(x + (b * p.channels + c) * p.plane, p.plane).mean;
    }
    const double center = sum / static_cast<double>(p.batch);
    for (int64_t b = 0; b < p.batch; ++b) {
      const Moments m = moments_f32(x + (b * p.channels + c) * p.plane, p.plane);
      squares += m.variance + (m.mean - center) * (m.mean - center);
    }
    mean[c] = static_cast<float>(center);
    variance[c] = static_cast<float>(squares / static_cast<double>(p.batch));
  }
  for (size_t i = 1; i < 3; ++i) {
    if (i >= ctx.output_count() || !ctx.wants_output(i)) continue;
    const Dims dims = {p.channels};
    HT_ASSIGN(MutView running, ctx.output(i, DType::kFloat, dims));
    const float *before = ctx.input(i + 2).as<float>(), *now = i == 1 ? mean : variance;
    for (int64_t c = 0; c < p.channels; ++c) {
      running.as<float>()[c] = before[c] * momentum + now[c] * (1.0f - momentum);
    }
  }
  return ok_status();
}

Status run_batch_norm(RunContext& ctx) {
  HT_ASSIGN(Planes p, planes_of(ctx));
  if (ctx.node().int_attr("spatial", 1) == 0) return unsupported("BatchNormalization with spatial = 0");
  HT_TRY(check_vectors(ctx, 1, 4, p.channels));
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, x.dims));
  const float *mean = ctx.input(3).as<float>(), *variance = ctx.input(4).as<float>();
  if (is_training(ctx.node())) {
    HT_ASSIGN(void* block, ctx.scratch(p.channels * 2 * static_cast<int64_t>(sizeof(float))));
    float* own = static_cast<float*>(block);
    HT_TRY(batch_statistics(ctx, p, own, own + p.channels));
    mean = own;
    variance = own + p.channels;
  } else if (ctx.output_count() > 1 && ctx.wants_output(1)) {
    return unsupported("BatchNormalization that hands out statistics");
  }
  const float epsilon = ctx.node().float_attr("epsilon", 1e-5f);
  for (int64_t c = 0; c < p.channels; ++c) {
    const float scale = ctx.input(1).as<float>()[c] / std::sqrt(variance[c] + epsilon);
    const float shift = ctx.input(2).as<float>()[c] - mean[c] * scale;
    for (int64_t b = 0; b < p.batch; ++b) {
      const int64_t at = (b * p.channels + c) * p.plane;
      scale_shift_f32(x.as<float>() + at, p.plane, scale, shift, y.as<float>() + at);
    }
  }
  return ok_status();
}

float inverse_deviation(double variance, float epsilon) {
  return static_cast<float>(1.0 / std::sqrt(variance + static_cast<double>(epsilon)));
}

Status run_instance_norm(RunContext& ctx) {
  HT_ASSIGN(Planes p, planes_of(ctx));
  HT_TRY(check_vectors(ctx, 1, 2, p.channels));
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, x.dims));
  const float epsilon = ctx.node().float_attr("epsilon", 1e-5f);
  for (int64_t i = 0; i < p.batch * p.channels; ++i) {
    const float* from = x.as<float>() + i * p.plane;
    const Moments m = moments_f32(from, p.plane);
    const float scale = ctx.input(1).as<float>()[i % p.channels] * inverse_deviation(m.variance, epsilon);
    const float shift = ctx.input(2).as<float>()[i % p.channels] - static_cast<float>(m.mean) * scale;
    scale_shift_f32(from, p.plane, scale, shift, y.as<float>() + i * p.plane);
  }
  return ok_status();
}

Status run_group_norm(RunContext& ctx) {
  HT_ASSIGN(Planes p, planes_of(ctx));
  const int64_t groups = ctx.node().int_attr("num_groups", 0);
  if (groups < 1 || p.channels % groups != 0) return invalid_model("num_groups does not divide the channels");
  const bool per_channel = ctx.opset() >= 21;  // scale and bias: one per group before
  HT_TRY(check_vectors(ctx, 1, 2, per_channel ? p.channels : groups));
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, x.dims));
  const float epsilon = ctx.node().float_attr("epsilon", 1e-5f);
  const int64_t members = p.channels / groups;
  for (int64_t b = 0; b < p.batch; ++b) {
    for (int64_t g = 0; g < groups; ++g) {
      const int64_t first = b * p.channels + g * members;
      const Moments m = moments_f32(x.as<float>() + first * p.plane, members * p.plane);
      const float factor = inverse_deviation(m.variance, epsilon);
      for (int64_t c = 0; c < members; ++c) {
        const int64_t k = per_channel ? g * members + c : g;
        const float scale = ctx.input(1).as<float>()[k] * factor;
        const float shift = ctx.input(2).as<float>()[k] - static_cast<float>(m.mean) * scale;
        const int64_t at = (first + c) * p.plane;
        scale_shift_f32(x.as<float>() + at, p.plane, scale, shift, y.as<float>() + at);
      }
    }
  }
  return ok_status();
}

Status run_lrn(RunContext& ctx) {
  HT_ASSIGN(Planes p, planes_of(ctx));
  const int64_t size = ctx.node().int_attr("size", 0);
  if (size < 1) return invalid_model("size must be positive");
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, x.dims));
  const float alpha = ctx.node().float_attr("alpha", 1e-4f), beta = ctx.node().float_attr("beta", 0.75f);
  const float bias = ctx.node().float_attr("bias", 1.0f);
  for (int64_t b = 0; b < p.batch; ++b) {
    const int64_t at = b * p.channels * p.plane;
    local_response_f32(x.as<float>() + at, p.channels, p.plane, size, alpha, beta, bias, y.as<float>() + at);
  }
  return ok_status();
}

constexpr OpDef norm_op(std::string_view name, OpSchema schema, InferFn infer, RunFn run) {
  return {.name = name, .schema = schema, .infer = infer, .run = run, .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> batch_norm_ops() {
  static constexpr OpDef kOps[] = {
      norm_op("BatchNormalization", {5, 5, 1, 5}, infer_batch_norm, in_single<run_batch_norm>),
      norm_op("GroupNormalization", {3, 3, 1, 1}, infer_like, in_single<run_group_norm>),
      norm_op("InstanceNormalization", {3, 3, 1, 1}, infer_like, in_single<run_instance_norm>),
      norm_op("LRN", {1, 1, 1, 1}, infer_like, in_single<run_lrn>),
  };
  return kOps;
}

}  // namespace halftone
