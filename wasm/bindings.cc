// Embind over core/session: types and names only. JSON crosses as text, errors as values (convert.h).
// The caller owns the handles and calls delete() on them; web/src/engine/worker does.
#include <emscripten/bind.h>
#include <emscripten/emscripten.h>
#include <emscripten/heap.h>
#include <malloc.h>

#include <map>
#include <memory>
#include <new>
#include <string>

#include "core/recipe/recipe.h"
#include "core/session/session.h"
#include "wasm/convert.h"

namespace halftone::js {
namespace {

using SessionPtr = std::shared_ptr<Session>;
using RecipeRunPtr = std::shared_ptr<RecipeRun>;

val json_result(const Result<Json>& result) {
  return result.ok() ? success(val(result->dump())) : failure(result.error());
}
val status_result(const Status& status) { return status.ok() ? success() : failure(status.error()); }

// source: {size, read}; external: Map from location to {size, read}.
val load(val source, val external, val progress) {
  std::map<std::string, JsSource, std::less<>> files;
  ReadOptions options;
  options.external_data = [&](std::string_view location) -> ByteSource* {
    const std::string name(location);
    const auto known = files.find(name);
    if (known != files.end()) return &known->second;
    const val file = external.call<val>("get", name);
    return file.isUndefined() ? nullptr : &files.try_emplace(name, name, file).first->second;
  };
  options.progress = [report = to_progress(progress)](int64_t done, int64_t total) {
    return report("load", done, total);
  };
  JsSource file("model", source);
  auto session = Session::load(file, options);
  return session.ok() ? success(val(*session)) : failure(session.error());
}

val profile_entry(const NodeTime& time) {
  val out = val::object();
  out.set("node", time.node);
  out.set("op", time.op_type);
  out.set("integer", time.integer);
  out.set("ms", time.ms);
  return out;
}

// -> {outputs: [{name, tensor}], taps: [{name, tensor}], profile: [{node, op, integer, ms}], ms}
val run(Session& session, val feeds, val taps, bool profile) {
  const auto inputs = to_feeds(feeds);
  if (!inputs.ok()) return failure(inputs.error());
  const auto result = session.run(*inputs, {emscripten::vecFromJSArray<std::string>(taps), profile});
  if (!result.ok()) return failure(result.error());
  val outputs = val::array(), tapped = val::array(), times = val::array();
  for (const auto& [name, tensor] : result->outputs) outputs.call<void>("push", from_named(name, tensor));
  for (const auto& [name, tensor] : result->taps) tapped.call<void>("push", from_named(name, tensor));
  for (const NodeTime& time : result->profile) times.call<void>("push", profile_entry(time));
  val out = val::object();
  out.set("outputs", outputs);
  out.set("taps", tapped);
  out.set("profile", times);
  out.set("ms", result->ms);
  return success(out);
}

val export_onnx(const Session& session, const std::string& format) {
  const auto bytes = session.export_onnx(format);
  return bytes.ok() ? success(copy_bytes(bytes->data(), bytes->size())) : failure(bytes.error());
}

val compare_models(Session& reference, Session& other, val feeds, val progress) {
  const auto inputs = to_feeds(feeds);
  if (!inputs.ok()) return failure(inputs.error());
  return json_result(compare(reference, other, *inputs, to_progress(progress)));
}

val start_recipe(const Session& session, const std::string& text, val progress) {
  auto recipe = parse_recipe(std::string_view(text));
  if (!recipe.ok()) return failure(recipe.error());
  auto run = RecipeRun::start(session.model(), *std::move(recipe), to_progress(progress));
  if (!run.ok()) return failure(run.error());
  return success(val(std::make_shared<RecipeRun>(*std::move(run))));
}

val observe(RecipeRun& run, val feeds) {
  const auto inputs = to_feeds(feeds);
  return inputs.ok() ? status_result(run.observe(*inputs)) : failure(inputs.error());
}

val end_sweep(RecipeRun& run) { return status_result(run.end_sweep()); }

// -> {model, report}
val finish_recipe(RecipeRun& run) {
  auto outcome = run.finish();
  if (!outcome.ok()) return failure(outcome.error());
  auto session = Session::from_model(std::move(outcome->model));
  if (!session.ok()) return failure(session.error());
  val out = val::object();
  out.set("model", val(*session));
  out.set("report", report_json(outcome->report).dump());
  return success(out);
}

// Runs one batch and counts its first output against the labels.
val evaluate_batch(Evaluator& evaluator, Session& session, val feeds, val labels) {
  const auto inputs = to_feeds(feeds);
  if (!inputs.ok()) return failure(inputs.error());
  const auto result = session.run(*inputs);
  if (!result.ok()) return failure(result.error());
  const auto numbers = emscripten::convertJSArrayToNumberVector<int32_t>(labels);
  return status_result(evaluator.add(result->outputs.front().second, {numbers.begin(), numbers.end()}));
}

// Row = truth, column = predicted.
val confusion(const Evaluator& evaluator) {
  const std::vector<double> counts(evaluator.confusion().begin(), evaluator.confusion().end());
  return val::global("Float64Array").new_(val(emscripten::typed_memory_view(counts.size(), counts.data())));
}

val memory() {
  val out = val::object();
  out.set("heapBytes", static_cast<double>(emscripten_get_heap_size()));
  out.set("usedBytes", static_cast<double>(mallinfo().uordblks));
  return out;
}

// Without exceptions a failed `new` would abort namelessly; this names it for the worker.
void on_out_of_memory() { emscripten_throw_string("out_of_memory"); }

}  // namespace

EMSCRIPTEN_BINDINGS(halftone) {
  using emscripten::class_;
  using emscripten::function;
  using emscripten::optional_override;

  std::set_new_handler(on_out_of_memory);

  class_<Session>("Session")
      .smart_ptr<SessionPtr>("SessionPtr")
      .function("summary", optional_override([](const Session& s) { return s.summary().dump(); }))
      .function("graph", optional_override([](const Session& s) { return s.graph().dump(); }))
      .function("run", &run)
      .function("exportOnnx", &export_onnx)
      .function("compareWith", &compare_models)
      .function("startRecipe", &start_recipe);
  class_<RecipeRun>("RecipeRun")
      .smart_ptr<RecipeRunPtr>("RecipeRunPtr")
      .function("wantsData", &RecipeRun::wants_data)
      .function("observe", &observe)
      .function("endSweep", &end_sweep)
      .function("finish", &finish_recipe);
  class_<Evaluator>("Evaluator")
      .constructor<>()
      .function("add", &evaluate_batch)
      .function("report", optional_override([](const Evaluator& e) { return e.report().dump(); }))
      .function("confusion", &confusion);
  function("load", &load);
  function("capabilities", optional_override([] { return capabilities().dump(); }));
  function("memory", &memory);
}

}  // namespace halftone::js
