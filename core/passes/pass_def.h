// One row per pass: PassDef{name, summary, params, needs, begin}. A pass changes a model's meaning.
// ParamSpec validates the recipe, renders the page's form and encodes the link: a new pass needs no
// change in web/. A pass that looks at data is a small machine: begin, observe feeds, finish.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/passes/batch_norm_outputs.h"
#include "core/runtime/executor.h"

namespace halftone {

// kObjectList: objects whose members are described by specs of their own (`fields`).
enum class ParamKind : uint8_t { kBool, kInt, kFloat, kChoice, kString, kStringList, kObjectList };

struct ParamSpec {
  std::string_view name;
  ParamKind kind = ParamKind::kBool;
  std::string_view label;                     // "Weight scales"
  std::string_view help;                      // plain words for somebody who has not read the paper
  std::string_view fallback;                  // default as JSON text: "true", "8", "\"minmax\"", "[]"
  double low = 0, high = 0;                   // inclusive range of kInt and kFloat
  std::span<const std::string_view> choices;  // kChoice
  // What a kStringList or kString names, so that the page can offer it: "operators", "nodes", "places" (nodes and
  // values), "".
  std::string_view list_of = "";
  std::span<const ParamSpec> fields;  // kObjectList; theirs have no fallback: what is not given is absent
  bool required = false;              // of a field
};

// Parameters after validation: every spec of the pass has a value of its kind, in range.
class Params {
 public:
  // Errors: kInvalidRecipe; where = "<pass>.<key>", in lists of objects "<pass>.<key>[<index>].<field>".
  static Result<Params> parse(std::string_view pass, std::span<const ParamSpec> specs, const Json& object);
  // The same with these entries before those of the list `name`.
  Params extended(std::string_view name, const std::vector<Json>& entries) const;
  bool flag(std::string_view name) const;
  int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;
  const std::string& choice(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;
  const std::vector<Json>& objects(std::string_view name) const;
  const Json& json() const { return values_; }

 private:
  Json values_;
};

struct PassOutcome {
  Model model;
  Json report;  // object: what changed, per-node facts, "warnings": [{message, where, hint}]
  // What the pass found out for the quantizing step behind it: more entries of that step's parameter `overrides`.
  std::vector<Json> overrides = {};
  // What is known of batch normalizations that this model has no longer, or in another scale; nullopt: what was known.
  std::optional<std::vector<BatchNormOutput>> norms = {};
};

// Progress of one step; returns false to cancel.
using ProgressFn = std::function<bool(std::string_view stage, int64_t done, int64_t total)>;

// One pass at work on one model.
class PassRun {
 public:
  virtual ~PassRun() = default;
  // How many times it wants to see all calibration data (0: none).
  virtual int sweeps() const { return 0; }
  virtual Status observe(int sweep, const Feeds& feeds);
  virtual Status end_sweep(int sweep);
  // After the last sweep. The driver verifies the graph and infers shapes again.
  virtual Result<PassOutcome> finish(const ProgressFn& progress) = 0;
};

struct PassNeeds {
  bool calibration = false;
  // Where this choice is taken, no calibration is needed after all: a parameter's name and its value.
  std::string_view unless_param = "", unless_choice = "";
  // And where it is needed with this choice only.
  std::string_view only_param = "", only_choice = "";
};

// What a pass may look at besides the model that it changes.
struct PassContext {
  // The recipe's last model without a quantized node: what a repairing pass holds the quantized one against. Values
  // have the same names there. Null: the recipe started from a model that was quantized already.
  const Model* reference = nullptr;
  // Parameters of the next quantize_static in the recipe, which a pass that chooses for it has to know. Null: none.
  const Params* quantizing = nullptr;
  // What earlier steps know of batch normalizations (PassOutcome::norms).
  std::span<const BatchNormOutput> norms = {};
};

struct PassDef {
  std::string_view name;
  std::string_view summary;  // one sentence
  std::span<const ParamSpec> params;
  PassNeeds needs;
  Result<std::unique_ptr<PassRun>> (*begin)(const Model& model, const Params& params, const PassContext& context);
};

const PassDef* find_pass(std::string_view name);
std::span<const PassDef* const> all_passes();

}  // namespace halftone
