// An InferContext over a RunContext: every size is a number, and argument inputs are constants.
#include "core/ops/resolve.h"

#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "core/ops/infer_util.h"

namespace halftone {
namespace {

// Arguments that decide shapes are short; data inputs are never copied for infer.
constexpr int64_t kMaxArgumentElements = 1 << 16;
constexpr int64_t kMaxContents = 64;

class ResolveContext final : public InferContext {
 public:
  explicit ResolveContext(const RunContext& run) : run_(run) {
    for (size_t i = 0; i < run.input_count(); ++i) {
      shapes_.push_back(run.has_input(i) ? SymShape::of(run.input(i).dims) : SymShape());
    }
  }

  const Node& node() const override { return run_.node(); }
  int64_t opset() const override { return run_.opset(); }
  bool has_input(size_t i) const override { return run_.has_input(i); }
  size_t input_count() const override { return run_.input_count(); }
  DType dtype(size_t i) const override { return run_.has_input(i) ? run_.input(i).dtype : DType::kUndefined; }
  const SymShape& shape(size_t i) const override { return i < shapes_.size() ? shapes_[i] : absent_; }

  const Tensor* constant(size_t i) const override {
    if (!run_.has_input(i)) return nullptr;
    reads_computed = reads_computed || !run_.is_constant(i);
    if (auto it = constants_.find(i); it != constants_.end()) return &it->second;
    const View& view = run_.input(i);
    if (view.dtype == DType::kString || view.size() > kMaxArgumentElements) return nullptr;
    auto copy = Tensor::allocate(view.dtype, view.dims);
    if (!copy.ok()) return nullptr;
    if (copy->byte_size() > 0) std::memcpy(copy->mutable_bytes(), view.data, static_cast<size_t>(copy->byte_size()));
    return &constants_.emplace(i, *std::move(copy)).first->second;
  }

  std::optional<std::vector<Dim>> shape_contents(size_t i) const override {
    if (!run_.has_input(i) || run_.input(i).rank() > 1 || run_.input(i).size() > kMaxContents) return std::nullopt;
    const DType type = run_.input(i).dtype;
    if (type != DType::kInt32 && type != DType::kInt64) return std::nullopt;
    const Tensor* tensor = constant(i);
    if (tensor == nullptr) return std::nullopt;
    const auto ints = int_elements(*tensor);
    std::vector<Dim> out;
    for (int64_t v : *ints) out.push_back(content_dim(v));
    return out;
  }

  void set_output(size_t i, DType dtype, SymShape shape) override {
    if (i >= outputs.size()) outputs.resize(i + 1);
    outputs[i] = {dtype, std::move(shape)};
  }
  void set_output_contents(size_t, std::vector<Dim>) override {}

  std::vector<std::pair<DType, SymShape>> outputs;
  mutable bool reads_computed = false;  // contents that may be others in the next run

 private:
  const RunContext& run_;
  std::vector<SymShape> shapes_;
  SymShape absent_;
  mutable std::map<size_t, Tensor> constants_;
};

struct ResolvedOutputs final : Memo {
  InferFn infer = nullptr;
  std::vector<OutputSpec> specs;
};

}  // namespace

bool arguments_are_constant(const RunContext& ctx) {
  for (size_t i = 1; i < ctx.input_count(); ++i) {
    if (ctx.has_input(i) && !ctx.is_constant(i)) return false;
  }
  return true;
}

std::unique_ptr<InferContext> as_infer_context(const RunContext& ctx) { return std::make_unique<ResolveContext>(ctx); }

Result<std::span<const OutputSpec>> resolve_outputs(RunContext& ctx, InferFn infer) {
  auto& memo = memo_of<ResolvedOutputs>(ctx);
  if (memo.known && memo.infer == infer) return std::span<const OutputSpec>(memo.specs);
  memo.known = false;
  memo.infer = infer;
  memo.specs.clear();
  ResolveContext resolve(ctx);
  HT_TRY(infer(resolve));
  for (size_t i = 0; i < resolve.outputs.size(); ++i) {
    auto dims = resolve.outputs[i].second.concrete();
    if (!dims) {
      return invalid_model("the shape of output " + std::to_string(i) +
                           " is not determined by the inputs: " + resolve.outputs[i].second.to_string());
    }
    memo.specs.push_back({resolve.outputs[i].first, *std::move(dims)});
  }
  memo.known = !resolve.reads_computed;
  return std::span<const OutputSpec>(memo.specs);
}

Result<MutView> make_output(RunContext& ctx, InferFn infer) {
  HT_ASSIGN(auto specs, resolve_outputs(ctx, infer));
  HT_CHECK(!specs.empty());
  return ctx.output(0, specs[0].dtype, specs[0].dims);
}

Result<Dims> int_input(const RunContext& ctx, size_t i) {
  const View& view = ctx.input(i);
  if (view.size() > kMaxArgumentElements) return invalid_model("input " + std::to_string(i) + " is too long");
  Dims out;
  const size_t n = static_cast<size_t>(view.size());
  if (view.dtype == DType::kInt64) {
    out.assign(view.as<int64_t>(), view.as<int64_t>() + n);
  } else if (view.dtype == DType::kInt32) {
    out.assign(view.as<int32_t>(), view.as<int32_t>() + n);
  } else {
    return invalid_model("input " + std::to_string(i) + " must be int32 or int64, not " +
                         std::string(dtype_name(view.dtype)));
  }
  return out;
}

}  // namespace halftone
