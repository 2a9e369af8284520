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

#include "core/base/parallel.h"
#include "core/recipe/recipe.h"
#include "core/session/risks.h"
#include "core/session/session.h"
#include "wasm/convert.h"

namespace halftone::js {
namespace {

using SessionPtr = std::shared_ptr<Session>;
using RecipeRunPtr = std::shared_ptr<RecipeRun>;

// source: {size, read}; external: Map from location to {size, read}.
val load(val source, val external, val progress) {
  std::map<std::string, JsSource, std::less<>> files;
  ReadOptions options;
  options.external_data = [&](std::string_view location) -> ByteSource* {
    const std::string name(location);
    const auto known = files.find(name);
    if (known != files.end()) return &known->second;
    val file = external.call<val>("get", name);
    // Files that were dropped together have lost their folders.
    if (file.isUndefined()) file = external.call<val>("get", name.substr(name.find_last_of("/\\") + 1));
    return file.isUndefined() ? nullptr : &files.try_emplace(name, name, file).first->second;
  };
  const val sizes = val::global("Array").call<val>("from", external.call<val>("values"));
  for (int i = 0; i < sizes["length"].as<int>(); ++i) {
    options.external_bytes += static_cast<int64_t>(sizes[i]["size"].as<double>());
  }
  options.progress = [report = to_progress(progress)](int64_t done, int64_t total) {
    return report("load", done, total);
  };
  JsSource file("model", source);
  return answer(Session::load(file, options), [](const SessionPtr& session) { return val(session); });
}

// {outputs: [{name, tensor}], taps: [{name, tensor}], ms, profile: JSON}
val run_to_js(const RunResult& result) {
  val outputs = val::array(), taps = val::array(), out = val::object();
  for (const auto& [name, tensor] : result.outputs) outputs.call<void>("push", from_named(name, tensor));
  for (const auto& [name, tensor] : result.taps) taps.call<void>("push", from_named(name, tensor));
  out.set("outputs", outputs);
  out.set("taps", taps);
  out.set("ms", result.ms);
  out.set("profile", profile_json(result).dump());
  return out;
}

val run(Session& session, val feeds, val taps, bool profile) {
  const auto inputs = to_feeds(feeds);
  if (!inputs.ok()) return failure(inputs.error());
  return answer(session.run(*inputs, {emscripten::vecFromJSArray<std::string>(taps), profile}), run_to_js);
}

val export_onnx(const Session& session, const std::string& format) {
  return answer(session.export_onnx(format), [](const std::string& b) { return copy_bytes(b.data(), b.size()); });
}

val compare_models(Session& reference, Session& other, val feeds, val progress) {
  const auto inputs = to_feeds(feeds);
  if (!inputs.ok()) return failure(inputs.error());
  return answer(compare(reference, other, *inputs, to_progress(progress)), [](const Json& j) { return val(j.dump()); });
}

val risks(const Session& session) {
  return answer(find_risks(session.model()), [](const Json& j) { return val(j.dump()); });
}

val start_recipe(const Session& session, const std::string& text, val progress) {
  auto recipe = parse_recipe(std::string_view(text));
  if (!recipe.ok()) return failure(recipe.error());
  return answer(RecipeRun::start(session.model(), *std::move(recipe), to_progress(progress), session.memory()),
                [](RecipeRun& run) { return val(std::make_shared<RecipeRun>(std::move(run))); });
}

val observe(RecipeRun& run, val feeds) {
  const auto inputs = to_feeds(feeds);
  return inputs.ok() ? answer(run.observe(*inputs)) : failure(inputs.error());
}

val end_sweep(RecipeRun& run) { return answer(run.end_sweep()); }

// {model, report: JSON}
val finish_recipe(RecipeRun& run) {
  auto outcome = run.finish();
  if (!outcome.ok()) return failure(outcome.error());
  return answer(Session::from_model(std::move(outcome->model), std::move(outcome->memory)),
                [&](const SessionPtr& session) {
                  val out = val::object();
                  out.set("model", val(session));
                  out.set("report", report_json(outcome->report).dump());
                  return out;
                });
}

val evaluate_batch(Evaluator& evaluator, Session& session, val feeds, val labels) {
  const auto inputs = to_feeds(feeds);
  if (!inputs.ok()) return failure(inputs.error());
  const auto numbers = emscripten::convertJSArrayToNumberVector<int32_t>(labels);
  return answer(evaluator.add_run(session, *inputs, {numbers.begin(), numbers.end()}));
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
      .function("risks", &risks)
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
  function("setThreads", &set_thread_count);
  function("capabilities", optional_override([] { return capabilities().dump(); }));
  function("memory", &memory);
}

}  // namespace halftone::js
