// A RunContext that shows inputs of other float types as float and takes float outputs back; see the header.
#include "core/ops/half.h"

#include <utility>
#include <vector>

#include "core/base/checked.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

class FloatContext final : public RunContext {
 public:
  FloatContext(RunContext& inner, uint32_t keep_float, Turned turned)
      : inner_(inner), keep_float_(keep_float), turned_(turned) {}

  // Whether there is anything to do.
  bool applies() const {
    for (size_t i = 0; i < inner_.input_count(); ++i) {
      if (inner_.has_input(i) && is_other(i)) return true;
    }
    return false;
  }

  Status convert_inputs() {
    for (size_t i = 0; i < inner_.input_count(); ++i) {
      views_.push_back(inner_.has_input(i) ? inner_.input(i) : View());
      View& view = views_.back();
      if (!inner_.has_input(i) || !is_other(i)) continue;
      if (type_ == DType::kUndefined) type_ = view.dtype;
      HT_ASSIGN(float* wide, floats(view.size()));
      HT_TRY(convert_elements(view.dtype, view.data, DType::kFloat, wide, view.size()));
      view = View{DType::kFloat, view.dims, wide};
    }
    return ok_status();
  }

  Status convert_outputs() {
    for (const auto& [given, floats] : pending_) {
      HT_TRY(convert_elements(DType::kFloat, floats, type_, given.data, given.size()));
    }
    return ok_status();
  }

  const Node& node() const override { return inner_.node(); }
  int64_t opset() const override { return inner_.opset(); }
  bool has_input(size_t i) const override { return inner_.has_input(i); }
  size_t input_count() const override { return inner_.input_count(); }
  size_t output_count() const override { return inner_.output_count(); }
  bool wants_output(size_t i) const override { return inner_.wants_output(i); }
  const View& input(size_t i) const override { return views_[i]; }
  Result<void*> scratch(int64_t bytes) override { return inner_.scratch(bytes); }
  const OpState* state() const override { return inner_.state(); }
  const QuantParams* input_quant(size_t i) const override { return inner_.input_quant(i); }
  const QuantParams* output_quant(size_t i) const override { return inner_.output_quant(i); }

  std::unique_ptr<Memo>& memos() override { return inner_.memos(); }
  bool is_constant(size_t i) const override { return inner_.is_constant(i); }

  Status output_alias(size_t i, size_t j, std::span<const int64_t> dims) override {
    return inner_.output_alias(i, j, dims);
  }

  Result<MutView> output(size_t i, DType dtype, std::span<const int64_t> dims) override {
    if (dtype != DType::kFloat || (keep_float_ >> i & 1u) != 0) return inner_.output(i, dtype, dims);
    HT_ASSIGN(MutView given, inner_.output(i, type_, dims));
    HT_ASSIGN(float* values, floats(given.size()));
    pending_.emplace_back(given, values);
    return MutView{DType::kFloat, given.dims, values};
  }

 private:
  bool is_other(size_t i) const {
    const DType type = inner_.input(i).dtype;
    return is_half(type) || (turned_ >= Turned::kFloats && type == DType::kDouble) ||
           (turned_ == Turned::kNumbers && i == 0 && is_integer(type));
  }

  Result<float*> floats(int64_t count) {
    const auto bytes = checked_mul(count, 4);
    if (!bytes) return Error{ErrorCode::kOutOfMemory, "a tensor is too large to turn to float", {}, {}};
    HT_ASSIGN(void* block, inner_.scratch(*bytes));
    return static_cast<float*>(block);
  }

  RunContext& inner_;
  uint32_t keep_float_;
  Turned turned_;
  DType type_ = DType::kUndefined;
  std::vector<View> views_;
  std::vector<std::pair<MutView, const float*>> pending_;
};

}  // namespace

Status run_as_float(RunContext& ctx, RunFn run, uint32_t keep_float, Turned turned) {
  FloatContext as_float(ctx, keep_float, turned);
  if (!as_float.applies()) return run(ctx);
  HT_TRY(as_float.convert_inputs());
  HT_TRY(run(as_float));
  return as_float.convert_outputs();
}

}  // namespace halftone
