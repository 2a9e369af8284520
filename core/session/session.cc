// Session: a model, its programs made on demand, and the way back to a file.
// Two programs at most: one as fast as compilation makes it, one that keeps the values asked for as taps.
#include "core/session/session.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <unordered_set>
#include <utility>

#include "core/onnx/writer.h"
#include "core/ops/shape_inference.h"
#include "core/passes/canonicalize/drop_training.h"
#include "core/passes/canonicalize/expand_contrib.h"
#include "core/passes/canonicalize/inline_functions.h"
#include "core/passes/qoperator/qoperator.h"
#include "core/session/describe.h"

namespace halftone {

struct Session::Impl {
  Model original;  // as it was read: what export writes
  Model model;     // functions and contrib operators spelled out, as inference: what everything else sees
  RecipeMemory memory;
  int64_t bytes = 0;
  std::unique_ptr<Executor> plain, tapped;
  std::vector<std::string> kept;  // what `tapped` was compiled to keep

  Result<Executor*> executor(const std::vector<std::string>& taps);
  Status check_taps(const std::vector<std::string>& taps) const;
};

Status Session::Impl::check_taps(const std::vector<std::string>& taps) const {
  std::unordered_set<std::string_view> names;
  for (const Value& value : model.graph.values) names.insert(value.name);
  for (const std::string& tap : taps) {
    if (names.count(tap) == 0) {
      return Error{ErrorCode::kInvalidArgument, "The model has no value named \"" + tap + "\".", tap,
                   "Taps name values as the model's graph lists them."};
    }
  }
  return {};
}

Result<Executor*> Session::Impl::executor(const std::vector<std::string>& taps) {
  CompileOptions options;
  if (taps.empty()) {
    if (!plain) {
      HT_ASSIGN(auto program, compile(model, options));
      plain = std::make_unique<Executor>(std::move(program));
    }
    return plain.get();
  }
  HT_TRY(check_taps(taps));
  const auto is_kept = [&](const std::string& tap) { return std::find(kept.begin(), kept.end(), tap) != kept.end(); };
  if (!tapped || !std::all_of(taps.begin(), taps.end(), is_kept)) {
    tapped.reset();  // before the next one takes its memory
    options.keep = taps;
    HT_ASSIGN(auto program, compile(model, options));
    tapped = std::make_unique<Executor>(std::move(program));
    kept = taps;
  }
  return tapped.get();
}

Session::Session() : impl_(std::make_unique<Impl>()) {}
Session::~Session() = default;

Result<std::shared_ptr<Session>> Session::load(ByteSource& source, const ReadOptions& options) {
  HT_ASSIGN(Model model, read_model(source, options));
  return from_model(std::move(model));
}

Result<std::shared_ptr<Session>> Session::from_model(Model model, RecipeMemory memory) {
  HT_ASSIGN(const int64_t bytes, model_byte_size(model));
  std::shared_ptr<Session> session(new Session());
  session->impl_->bytes = bytes;
  session->impl_->original = model;
  if (!model.functions.empty()) {
    auto inlined = inline_functions(model);
    if (inlined.ok()) {
      model = *std::move(inlined);
    } else if (inlined.error().code != ErrorCode::kUnsupportedOperator) {
      return std::move(inlined).error();
    }  // else the calls stay, and the summary lists them as unsupported
  }
  drop_training(model);
  HT_ASSIGN(model, expand_contrib(model));
  if (Status shapes = infer_shapes(model); !shapes.ok()) {
    // Inference knows what contradicts; what to do about it is for the caller of a whole model.
    Error error = std::move(shapes).error();
    if (error.hint.empty()) error.hint = "The file breaks the ONNX specification here: export the model again.";
    return error;
  }
  session->impl_->model = std::move(model);
  session->impl_->memory = std::move(memory);
  return session;
}

const Model& Session::model() const { return impl_->model; }
const RecipeMemory& Session::memory() const { return impl_->memory; }
Json Session::summary() const { return summarize(impl_->model, impl_->bytes); }
Json Session::graph() const { return describe_graph(impl_->model); }
int64_t Session::byte_size() const { return impl_->bytes; }

Result<RunResult> Session::run(const Feeds& feeds, const RunOptions& options) {
  HT_ASSIGN(Executor * executor, impl_->executor(options.taps));
  const auto start = std::chrono::steady_clock::now();
  auto result = executor->run(feeds, options);
  if (result.ok()) {
    result->ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }
  return result;
}

Result<std::string> Session::export_onnx(std::string_view format) const {
  if (format == "qoperator") {
    HT_ASSIGN(const Model model, to_qoperator(impl_->original));
    return write_model(model);
  }
  if (format != "qdq") {
    return Error{ErrorCode::kInvalidArgument, "There is no export format \"" + std::string(format) + "\".", "format",
                 "Use \"qdq\", which every runtime takes, or \"qoperator\"."};
  }
  return write_model(impl_->original);
}

void Session::release_program() {
  impl_->plain.reset();
  impl_->tapped.reset();
  impl_->kept.clear();
}

}  // namespace halftone
