// Drives a recipe: begins each pass, hands it calibration feeds, finishes it, verifies what it made, and
// goes on to the next one. A failed or cancelled run stays failed: every later call returns that error.
#include <algorithm>
#include <utility>

#include "core/graph/edit.h"
#include "core/onnx/writer.h"
#include "core/ops/shape_inference.h"
#include "core/passes/quantize/warning.h"
#include "core/recipe/manifest.h"
#include "core/recipe/recipe.h"

namespace halftone {
namespace {

// After every pass: a broken graph is our bug and must not reach a file.
Status check_outcome(Model& model, std::string_view pass) {
  Status status = verify(model.graph, ErrorCode::kInternal);
  if (status.ok()) status = infer_shapes(model);
  if (status.ok()) return status;
  Error error = std::move(status).error();
  error.code = ErrorCode::kInternal;
  error.message = "The pass " + std::string(pass) + " left an invalid graph: " + error.message;
  error.hint = "This is a bug in Halftone; please report it with the model's operators.";
  return error;
}

bool has_quantized_nodes(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
    return node.op_type == "QuantizeLinear" || node.op_type == "DequantizeLinear";
  });
}

}  // namespace

struct RecipeRun::Impl {
  Recipe recipe;
  ProgressFn progress;
  RecipeOutcome outcome;
  std::unique_ptr<PassRun> pass;  // of the current step
  size_t step = 0;
  int sweep = 0;
  int64_t feeds = 0;  // in this sweep
  Fingerprint fingerprint;
  bool fingerprinted = false;  // every sweep sees the same data: the first one tells
  int64_t bytes = 0;           // of the model before the current step
  Json step_reports = Json::array();
  Json last_report;  // joins the others when the manifest is in the model and its size is known
  std::optional<Error> failure;

  bool done() const { return step >= recipe.size(); }
  bool wants_data() const { return !failure && !done() && pass != nullptr && sweep < pass->sweeps(); }

  static bool quantizes(const RecipeStep& one) { return one.pass->name == "quantize_static"; }

  Recipe::const_iterator next_quantizing() const {
    return std::find_if(recipe.begin() + static_cast<ptrdiff_t>(step) + 1, recipe.end(), quantizes);
  }

  // The parameters that a quantize_static runs with.
  Params params_of(const RecipeStep& one) const {
    return quantizes(one) ? one.params.extended("overrides", outcome.memory.overrides) : one.params;
  }

  Result<std::unique_ptr<PassRun>> begin() const {
    const auto next = next_quantizing();
    const std::optional<Params> later = next == recipe.end() ? std::nullopt : std::optional(params_of(*next));
    return recipe[step].pass->begin(outcome.model, params_of(recipe[step]),
                                    {outcome.memory.reference.get(), later ? &*later : nullptr, outcome.memory.norms});
  }

  bool report(std::string_view stage, int64_t count, int64_t total) {
    return !progress || progress(stage, count, total);
  }

  Error fail(Error error) {
    // The passes know their own name, not their place in the list.
    if (error.code == ErrorCode::kInvalidRecipe && !done()) {
      error.where = "[" + std::to_string(step) + "]." + error.where;
    }
    failure = error;
    pass.reset();
    return error;
  }

  Error cancelled() { return fail({ErrorCode::kCancelled, "Cancelled", std::string(recipe[step].pass->name), ""}); }

  // Runs on until a step wants data or none is left.
  Status advance() {
    while (!done()) {
      if (pass == nullptr) {
        if (!report(recipe[step].pass->name, static_cast<int64_t>(step), static_cast<int64_t>(recipe.size()))) {
          return cancelled();
        }
        if (!has_quantized_nodes(outcome.model.graph))
          outcome.memory.reference = std::make_shared<const Model>(outcome.model);
        auto begun = begin();
        if (!begun.ok()) return fail(std::move(begun).error());
        pass = *std::move(begun);
        sweep = 0;
        feeds = 0;
      }
      if (wants_data()) return ok_status();
      Status finished = finish_step();
      if (!finished.ok()) return fail(std::move(finished).error());
    }
    return ok_status();
  }

  Status finish_step() {
    const PassDef& def = *recipe[step].pass;
    HT_ASSIGN(PassOutcome made, pass->finish([this](std::string_view stage, int64_t count, int64_t total) {
      return report(stage, count, total);
    }));
    HT_TRY(check_outcome(made.model, def.name));
    HT_ASSIGN(const int64_t bytes_after, model_byte_size(made.model));
    Json entry = Json::object();
    entry.set("pass", def.name);
    entry.set("params", params_of(recipe[step]).json());
    entry.set("bytes_before", bytes);
    entry.set("bytes_after", bytes_after);
    entry.set("warnings", Json::array());
    if (made.report.is_object()) {
      for (const Json::Member& member : made.report.as_object()) entry.set(member.first, member.second);
    }
    for (const Value& value : outcome.model.graph.values) value.constant.let_go();  // what the pass has read
    if (!made.overrides.empty() && next_quantizing() == recipe.end()) {
      Json warnings = *entry.find("warnings");
      warnings.push(warning("No later step uses the exceptions that this one found", def.name,
                            "Add quantize_static behind it: other passes quantize without exceptions."));
      entry.set("warnings", std::move(warnings));
    }
    std::vector<Json>& overrides = outcome.memory.overrides;
    if (quantizes(recipe[step])) overrides.clear();
    overrides.insert(overrides.end(), made.overrides.begin(), made.overrides.end());
    if (made.norms) outcome.memory.norms = *std::move(made.norms);
    if (step > 0) step_reports.push(std::move(last_report));
    last_report = std::move(entry);
    bytes = bytes_after;
    outcome.steps.push_back(made.model);
    outcome.model = std::move(made.model);
    pass.reset();
    ++step;
    return ok_status();
  }
};

RecipeRun::RecipeRun(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecipeRun::RecipeRun(RecipeRun&&) noexcept = default;
RecipeRun& RecipeRun::operator=(RecipeRun&&) noexcept = default;
RecipeRun::~RecipeRun() = default;

Result<RecipeRun> RecipeRun::start(const Model& model, Recipe recipe, ProgressFn progress, RecipeMemory memory) {
  auto impl = std::make_unique<Impl>();
  impl->recipe = std::move(recipe);
  impl->progress = std::move(progress);
  impl->outcome.model = model;
  impl->outcome.memory = std::move(memory);
  HT_ASSIGN(impl->bytes, model_byte_size(model));
  HT_TRY(impl->advance());
  return RecipeRun(std::move(impl));
}

bool RecipeRun::wants_data() const { return impl_->wants_data(); }

Status RecipeRun::observe(const Feeds& feeds) {
  if (impl_->failure) return *impl_->failure;
  if (!impl_->wants_data()) {
    return Error{ErrorCode::kInvalidArgument, "No step of the recipe wants calibration data now", "",
                 "Ask wants_data() before each sweep."};
  }
  if (!impl_->fingerprinted) impl_->fingerprint.add(feeds);
  Status seen = impl_->pass->observe(impl_->sweep, feeds);
  if (!seen.ok()) return impl_->fail(std::move(seen).error());
  ++impl_->feeds;
  if (!impl_->report("calibrate", impl_->feeds, 0)) return impl_->cancelled();
  return ok_status();
}

Status RecipeRun::end_sweep() {
  if (impl_->failure) return *impl_->failure;
  if (!impl_->wants_data()) {
    return Error{ErrorCode::kInvalidArgument, "No sweep over the calibration data is under way", "",
                 "Ask wants_data() before each sweep."};
  }
  if (impl_->feeds == 0) {
    return impl_->fail({ErrorCode::kInvalidInput, "The pass needs calibration data and got none",
                        std::string(impl_->recipe[impl_->step].pass->name),
                        "Give at least one input like those the model will see; 100 varied ones are plenty."});
  }
  Status ended = impl_->pass->end_sweep(impl_->sweep);
  if (!ended.ok()) return impl_->fail(std::move(ended).error());
  ++impl_->sweep;
  impl_->fingerprinted = true;
  impl_->feeds = 0;
  return impl_->advance();
}

Result<RecipeOutcome> RecipeRun::finish() {
  if (impl_->failure) return *impl_->failure;
  if (!impl_->done()) {
    return Error{ErrorCode::kInvalidArgument, "The recipe still wants calibration data",
                 std::string(impl_->recipe[impl_->step].pass->name), "Run the sweeps that wants_data() asks for."};
  }
  RecipeOutcome outcome = std::move(impl_->outcome);
  const Json recipe = recipe_json(impl_->recipe);
  if (!impl_->recipe.empty()) {
    write_manifest(outcome.model, recipe, impl_->fingerprint);
    HT_ASSIGN(const int64_t bytes, model_byte_size(outcome.model));
    impl_->last_report.set("bytes_after", bytes);
    impl_->step_reports.push(std::move(impl_->last_report));
  }
  outcome.report = Json::object();
  outcome.report.set("recipe", recipe);
  outcome.report.set("steps", std::move(impl_->step_reports));
  impl_->failure = Error{ErrorCode::kInvalidArgument, "The recipe's outcome was already taken", "", "Start it again."};
  return outcome;
}

Result<RecipeOutcome> run_recipe(const Model& model, const Recipe& recipe, CalibrationSource* calibration,
                                 ProgressFn progress) {
  HT_ASSIGN(RecipeRun run, RecipeRun::start(model, recipe, std::move(progress)));
  while (run.wants_data()) {
    if (calibration != nullptr) HT_TRY(calibration->rewind());
    while (calibration != nullptr) {
      HT_ASSIGN(std::optional<Feeds> feeds, calibration->next());
      if (!feeds) break;
      HT_TRY(run.observe(*feeds));
    }
    HT_TRY(run.end_sweep());
  }
  return run.finish();
}

}  // namespace halftone
