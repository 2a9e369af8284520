// DFT, STFT, window functions, MelWeightMatrix: the front end of audio networks. Computed in double.
// Formula: X[k] = sum over n of x[n] e^(-2 pi i k n / N); the inverse with the other sign and 1 / N. Even lengths split
// in two (Cooley, Tukey 1965), odd ones are summed as they stand. Source: ONNX operator specification, DFT-17/20,
// STFT-17, HannWindow-17, HammingWindow-17, BlackmanWindow-17, MelWeightMatrix-17.
#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <string>

#include "core/ops/axis_view.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/rare/wide.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

using Complex = std::complex<double>;
constexpr double kPi = std::numbers::pi;

// In place; `spare` has as many elements.
void transform(Complex* x, int64_t n, double sign, Complex* spare) {
  if (n <= 1) return;
  if (n % 2 != 0) {
    for (int64_t k = 0; k < n; ++k) {
      spare[k] = 0;
      for (int64_t i = 0; i < n; ++i) {
        const double angle = sign * 2 * kPi * static_cast<double>(k * i % n) / static_cast<double>(n);
        spare[k] += x[i] * Complex(std::cos(angle), std::sin(angle));
      }
    }
    std::copy_n(spare, n, x);
    return;
  }
  const int64_t half = n / 2;
  for (int64_t i = 0; i < half; ++i) {
    spare[i] = x[2 * i];
    spare[half + i] = x[2 * i + 1];
  }
  transform(spare, half, sign, x);
  transform(spare + half, half, sign, x + half);
  for (int64_t k = 0; k < half; ++k) {
    const double angle = sign * 2 * kPi * static_cast<double>(k) / static_cast<double>(n);
    const Complex odd = spare[half + k] * Complex(std::cos(angle), std::sin(angle));
    x[k] = spare[k] + odd;
    x[half + k] = spare[k] - odd;
  }
}

Result<int64_t> one_number(const RunContext& ctx, size_t i) {
  HT_ASSIGN(const auto values, int_input(ctx, i));
  if (values.size() != 1) return invalid_model("input " + std::to_string(i) + " must be one number");
  return values[0];
}
// The same while inferring; nullopt: not known.
std::optional<int64_t> known_number(const InferContext& ctx, size_t i) {
  const Tensor* tensor = ctx.has_input(i) ? ctx.constant(i) : nullptr;
  if (tensor == nullptr) return std::nullopt;
  const auto values = int_elements(*tensor);
  return values.ok() && values->size() == 1 ? std::optional((*values)[0]) : std::nullopt;
}

// --- DFT --------------------------------------------------------------------------------------

// x: [..., n, ..., 1 or 2]; y has `length` (or, onesided, half of it and one) along the axis and two parts (one for the
// inverse of a onesided one).
Status infer_dft(InferContext& ctx) {
  const SymShape& x = ctx.shape(0);
  SymShape out;
  if (x.has_rank()) {
    if (x.rank() < 2) return invalid_model("DFT needs a signal axis and one of real and imaginary parts");
    std::optional<int64_t> axis;
    if (ctx.opset() < 20) {
      axis = ctx.node().int_attr("axis", 1);
    } else {
      axis = ctx.has_input(2) ? known_number(ctx, 2) : std::optional<int64_t>(-2);
    }
    out = axis ? x : SymShape::unknown_dims(x.rank());
    const bool onesided = ctx.node().int_attr("onesided", 0) != 0, inverse = ctx.node().int_attr("inverse", 0) != 0;
    out[x.rank() - 1] = Dim(onesided && inverse ? 1 : 2);
    if (axis) {
      HT_ASSIGN(const int64_t at, axis_in_rank(*axis, x.rank()));
      if (at == x.rank() - 1) return invalid_model("DFT cannot run over real and imaginary parts");
      const auto length = known_number(ctx, 1);
      if (ctx.has_input(1)) {
        out[at] = length ? Dim(*length) : Dim();
      } else if (onesided && inverse && x[at].known()) {
        out[at] = Dim(2 * (x[at].value - 1));
      }
      if (onesided && !inverse) out[at] = out[at].known() ? Dim(out[at].value / 2 + 1) : Dim();
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

// One signal of n elements (each `parts` doubles, `step` apart) as `length` complex ones: cut or filled with zeros;
// onesided input of an inverse is completed by its conjugates.
std::vector<Complex> read_signal(const double* x, int64_t n, int64_t parts, int64_t step, int64_t length,
                                 bool mirrored) {
  std::vector<Complex> signal(static_cast<size_t>(length));
  const auto element = [&](int64_t i) { return Complex(x[i * step], parts == 2 ? x[i * step + 1] : 0); };
  for (int64_t i = 0; i < length; ++i) {
    if (mirrored && i > length / 2) {
      if (length - i < n) signal[static_cast<size_t>(i)] = std::conj(element(length - i));
    } else if (i < n) {
      signal[static_cast<size_t>(i)] = element(i);
    }
  }
  return signal;
}

Status run_dft(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(const auto specs, resolve_outputs(ctx, infer_dft));
  const Dims& dims = specs[0].dims;
  int64_t axis = ctx.opset() < 20 ? ctx.node().int_attr("axis", 1) : -2;
  if (ctx.opset() >= 20 && ctx.has_input(2)) {
    HT_ASSIGN(axis, one_number(ctx, 2));
  }
  HT_ASSIGN(axis, axis_in_rank(axis, x.rank()));
  const bool onesided = ctx.node().int_attr("onesided", 0) != 0, inverse = ctx.node().int_attr("inverse", 0) != 0;
  const int64_t in_parts = x.dims.back(), out_parts = dims.back();
  if (in_parts < 1 || in_parts > 2) return invalid_model("the last axis of DFT must hold 1 or 2 parts");
  HT_ASSIGN(const Tensor wide, as_doubles(x));
  const AxisView v = axis_view(x.dims, axis), w = axis_view(dims, axis);
  int64_t length = w.n;
  if (ctx.has_input(1)) {
    HT_ASSIGN(length, one_number(ctx, 1));
  } else if (onesided && !inverse) {
    length = v.n;
  }
  if (length < 1) return invalid_model("dft_length must be positive");
  HT_ASSIGN(Tensor result, zero_doubles(dims));
  const auto to = result.mutable_data<double>();
  std::vector<Complex> spare(static_cast<size_t>(length));
  const int64_t signals = v.inner / in_parts;
  for (int64_t i = 0; i < v.outer * signals; ++i) {
    const double* first = wide.data<double>().data() + i / signals * v.n * v.inner + i % signals * in_parts;
    auto signal = read_signal(first, v.n, in_parts, v.inner, length, onesided && inverse);
    transform(signal.data(), length, inverse ? 1 : -1, spare.data());
    double* out = to.data() + i / signals * w.n * w.inner + i % signals * out_parts;
    const double factor = inverse ? 1 / static_cast<double>(length) : 1;
    for (int64_t k = 0; k < w.n; ++k) {
      const Complex value = signal[static_cast<size_t>(k)] * factor;
      out[k * w.inner] = value.real();
      if (out_parts == 2) out[k * w.inner + 1] = value.imag();
    }
  }
  return give_doubles(ctx, 0, x.dtype, result);
}

// --- STFT -------------------------------------------------------------------------------------

// signal [batch, n, 1 or 2], frame_step, window?, frame_length? -> [batch, frames, bins, 2]
Status infer_stft(InferContext& ctx) {
  const SymShape& x = ctx.shape(0);
  SymShape out = SymShape::unknown_dims(4);
  out[3] = Dim(2);
  if (x.has_rank() && x.rank() > 0) out[0] = x[0];
  std::optional<int64_t> length = known_number(ctx, 3);
  if (!ctx.has_input(3) && ctx.has_input(2) && ctx.shape(2).has_rank() && ctx.shape(2).rank() == 1 &&
      ctx.shape(2)[0].known()) {
    length = ctx.shape(2)[0].value;
  }
  const auto step = known_number(ctx, 1);
  if (length) {
    if (*length < 1) return invalid_model("frame_length must be positive");
    out[2] = Dim(ctx.node().int_attr("onesided", 1) != 0 ? *length / 2 + 1 : *length);
    if (step && x.has_rank() && x.rank() == 3 && x[1].known()) {
      if (*step < 1 || x[1].value < *length) return invalid_model("the signal is shorter than a frame");
      out[1] = Dim((x[1].value - *length) / *step + 1);
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status run_stft(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(const auto specs, resolve_outputs(ctx, infer_stft));
  const Dims& dims = specs[0].dims;
  HT_ASSIGN(const int64_t step, one_number(ctx, 1));
  HT_ASSIGN(const Tensor wide, as_doubles(x));
  int64_t length = ctx.has_input(2) ? ctx.input(2).size() : 0;
  if (ctx.has_input(3)) {
    HT_ASSIGN(length, one_number(ctx, 3));
  }
  Tensor window;
  if (ctx.has_input(2)) {
    HT_ASSIGN(window, as_doubles(ctx.input(2)));
    if (window.size() != length) return invalid_model("the window is not as long as a frame");
  }
  const int64_t parts = x.dims[2], frames = dims[1], bins = dims[2];
  HT_ASSIGN(Tensor result, zero_doubles(dims));
  const auto to = result.mutable_data<double>();
  std::vector<Complex> spare(static_cast<size_t>(length));
  for (int64_t i = 0; i < dims[0] * frames; ++i) {
    const double* first = wide.data<double>().data() + (i / frames * x.dims[1] + i % frames * step) * parts;
    auto signal = read_signal(first, length, parts, parts, length, false);
    for (size_t k = 0; window.defined() && k < signal.size(); ++k) signal[k] *= window.data<double>()[k];
    transform(signal.data(), length, -1, spare.data());
    for (int64_t k = 0; k < bins; ++k) {
      to[static_cast<size_t>((i * bins + k) * 2)] = signal[static_cast<size_t>(k)].real();
      to[static_cast<size_t>((i * bins + k) * 2 + 1)] = signal[static_cast<size_t>(k)].imag();
    }
  }
  return give_doubles(ctx, 0, x.dtype, result);
}

// --- windows and filters ----------------------------------------------------------------------

Status infer_window(InferContext& ctx) {
  HT_ASSIGN(const DType type, dtype_attribute(ctx.node(), "output_datatype", DType::kFloat));
  const auto size = known_number(ctx, 0);
  if (size && *size < 0) return invalid_model("a window of negative length");
  ctx.set_output(0, type, SymShape({size ? Dim(*size) : Dim()}));
  return ok_status();
}

// (in billionths) a0 - a1 cos(t) + a2 cos(2 t), t from 0 to 2 pi: periodic, or with both ends.
template <int kA0, int kA1, int kA2>
Status run_window(RunContext& ctx) {
  HT_ASSIGN(const auto specs, resolve_outputs(ctx, infer_window));
  HT_ASSIGN(const int64_t n, one_number(ctx, 0));
  const double length = static_cast<double>(ctx.node().int_attr("periodic", 1) != 0 ? n : std::max<int64_t>(n - 1, 1));
  HT_ASSIGN(Tensor window, zero_doubles(specs[0].dims));
  const auto values = window.mutable_data<double>();
  for (size_t i = 0; i < values.size(); ++i) {
    const double t = 2 * kPi * static_cast<double>(i) / length;
    values[i] = kA0 * 1e-9 - kA1 * 1e-9 * std::cos(t) + kA2 * 1e-9 * std::cos(2 * t);
  }
  return give_doubles(ctx, 0, specs[0].dtype, window);
}

Status infer_mel(InferContext& ctx) {
  HT_ASSIGN(const DType type, dtype_attribute(ctx.node(), "output_datatype", DType::kFloat));
  const auto bands = known_number(ctx, 0), length = known_number(ctx, 1);
  if ((bands && *bands < 0) || (length && *length < 0)) return invalid_model("a negative number of bands or bins");
  ctx.set_output(0, type, SymShape({length ? Dim(*length / 2 + 1) : Dim(), bands ? Dim(*bands) : Dim()}));
  return ok_status();
}

// Triangles whose corners are evenly spaced in mel = 2595 log10(1 + f / 700), rounded down to bins.
Status run_mel(RunContext& ctx) {
  HT_ASSIGN(const auto specs, resolve_outputs(ctx, infer_mel));
  HT_ASSIGN(const int64_t length, one_number(ctx, 1));
  HT_ASSIGN(const int64_t rate, one_number(ctx, 2));
  HT_ASSIGN(const Tensor low, as_doubles(ctx.input(3)));
  HT_ASSIGN(const Tensor high, as_doubles(ctx.input(4)));
  if (low.size() != 1 || high.size() != 1 || rate < 1) return invalid_model("edges and rate must be one number each");
  const int64_t bins = specs[0].dims[0], bands = specs[0].dims[1];
  const auto mel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  HT_ASSIGN(Tensor weights, zero_doubles(specs[0].dims));
  const auto out = weights.mutable_data<double>();
  const double first = mel(low.data<double>()[0]);
  const double step = (mel(high.data<double>()[0]) - first) / static_cast<double>(bands + 2);
  std::vector<int64_t> corners;
  for (int64_t i = 0; i < bands + 2; ++i) {
    const double hertz = 700 * (std::pow(10, (first + step * static_cast<double>(i)) / 2595) - 1);
    const double corner = std::floor(static_cast<double>(length + 1) * hertz / static_cast<double>(rate));
    if (!(std::abs(corner) < 1e15)) return invalid_model("the edges of the mel bands are not frequencies");
    corners.push_back(static_cast<int64_t>(corner));
  }
  for (int64_t b = 0; b < bands; ++b) {
    const int64_t left = corners[static_cast<size_t>(b)], peak = corners[static_cast<size_t>(b) + 1],
                  right = corners[static_cast<size_t>(b) + 2];
    const auto put = [&](int64_t bin, int64_t numerator, int64_t denominator) {
      if (bin < 0 || bin >= bins) return;
      out[static_cast<size_t>(bin * bands + b)] = static_cast<double>(numerator) / static_cast<double>(denominator);
    };
    if (left == peak) put(peak, 1, 1);
    for (int64_t k = std::max<int64_t>(left, 0); k <= std::min(peak, bins) && peak > left; ++k)
      put(k, k - left, peak - left);
    for (int64_t k = std::max<int64_t>(peak, 0); k < std::min(right, bins); ++k) put(k, right - k, right - peak);
  }
  return give_doubles(ctx, 0, specs[0].dtype, weights);
}

constexpr OpDef signal_op(std::string_view name, OpSchema schema, InferFn infer, RunFn run) {
  return {.name = name, .schema = schema, .infer = infer, .run = run, .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> signal_ops() {
  static constexpr OpDef kOps[] = {
      signal_op("BlackmanWindow", {1, 1, 1, 1}, infer_window, run_window<420000000, 500000000, 80000000>),
      signal_op("DFT", {1, 3, 1, 1}, infer_dft, run_dft),
      signal_op("HammingWindow", {1, 1, 1, 1}, infer_window, run_window<543478261, 456521739, 0>),
      signal_op("HannWindow", {1, 1, 1, 1}, infer_window, run_window<500000000, 500000000, 0>),
      signal_op("MelWeightMatrix", {5, 5, 1, 1}, infer_mel, run_mel),
      signal_op("STFT", {2, 4, 1, 1}, infer_stft, run_stft),
  };
  return kOps;
}

}  // namespace halftone
