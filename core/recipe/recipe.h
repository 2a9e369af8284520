// A recipe is a list of passes with parameters: [{"pass": "quantize_static", "weight_bits": 8}, ...].
// Unknown passes and keys are refused by name. RecipeRun drives it and takes calibration feeds as they
// come (push), so that data may stream in from JavaScript; run_recipe pulls them from a source.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/passes/pass_def.h"

namespace halftone {

struct RecipeStep {
  const PassDef* pass = nullptr;
  Params params;
};
using Recipe = std::vector<RecipeStep>;

// Errors: kInvalidRecipe; where = "[1].quantize_static.bits" (step, pass, key).
Result<Recipe> parse_recipe(const Json& json);
Result<Recipe> parse_recipe(std::string_view text);
// A string converts to Json as well as to a view: here it is text.
inline Result<Recipe> parse_recipe(const std::string& text) { return parse_recipe(std::string_view(text)); }
inline Result<Recipe> parse_recipe(const char* text) { return parse_recipe(std::string_view(text)); }
// The recipe with every default filled in.
Json recipe_json(const Recipe& recipe);

// What earlier steps leave to later ones besides the model, so that a recipe may be run in parts.
struct RecipeMemory {
  std::shared_ptr<const Model> reference;  // the last model without a quantized node (PassContext); null: none yet
  std::vector<Json> overrides;             // for the next quantize_static (PassOutcome)
  std::vector<BatchNormOutput> norms;      // known of the model's values (PassOutcome)
};

struct RecipeOutcome {
  Model model;
  RecipeMemory memory;
  std::vector<Model> steps;  // the model after each step (weights are shared)
  Json report;               // {"recipe": [...], "steps": [{pass, params, bytes_before, bytes_after, ms?, ...}]}
};

class RecipeRun {
 public:
  // Begins the first step. memory: of the recipe that made `model`, where one did. Errors: as the passes'.
  static Result<RecipeRun> start(const Model& model, Recipe recipe, ProgressFn progress = {}, RecipeMemory memory = {});
  RecipeRun(RecipeRun&&) noexcept;
  RecipeRun& operator=(RecipeRun&&) noexcept;
  ~RecipeRun();

  // True: the current step wants a sweep over the calibration data: call observe() for each feed, then
  // end_sweep(), and ask again. False: every step is done.
  bool wants_data() const;
  Status observe(const Feeds& feeds);
  // Error: kInvalidInput when the sweep saw no feed.
  Status end_sweep();
  Result<RecipeOutcome> finish();

 private:
  struct Impl;
  explicit RecipeRun(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class CalibrationSource {
 public:
  virtual ~CalibrationSource() = default;
  virtual Status rewind() = 0;
  virtual Result<std::optional<Feeds>> next() = 0;
};

Result<RecipeOutcome> run_recipe(const Model& model, const Recipe& recipe, CalibrationSource* calibration,
                                 ProgressFn progress = {});

}  // namespace halftone
