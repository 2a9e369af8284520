// JSON -> Recipe: a list of objects, each naming its pass; the other keys are that pass's parameters.
// Every refusal is kInvalidRecipe with where = "[<step>].<pass>.<key>".
#include <vector>

#include "core/passes/suggest.h"
#include "core/recipe/recipe.h"

namespace halftone {
namespace {

constexpr size_t kMaxSteps = 1000;  // a recipe comes from a link: keep a hostile one small

Error refuse(std::string message, std::string where, std::string hint) {
  return {ErrorCode::kInvalidRecipe, std::move(message), std::move(where), std::move(hint)};
}

Error unknown_pass(const std::string& name, const std::string& where) {
  std::vector<std::string_view> names;
  for (const PassDef* pass : all_passes()) names.push_back(pass->name);
  return refuse("There is no pass \"" + name + "\"", where + ".pass", suggest(name, names));
}

Result<RecipeStep> parse_step(const Json& json, const std::string& where) {
  if (!json.is_object()) {
    return refuse("A step of a recipe is an object", where, "Write {\"pass\": \"quantize_static\"}.");
  }
  Json::Object parameters;
  const Json* name = nullptr;
  for (const Json::Member& member : json.as_object()) {
    if (member.first != "pass") {
      parameters.push_back(member);
      continue;
    }
    name = &member.second;
  }
  if (name == nullptr || !name->is_string()) {
    return refuse("The step does not name its pass", where + ".pass", "Add \"pass\": \"quantize_static\".");
  }
  const PassDef* pass = find_pass(name->as_string());
  if (pass == nullptr) return unknown_pass(name->as_string(), where);
  auto params = Params::parse(pass->name, pass->params, Json(std::move(parameters)));
  if (!params.ok()) {
    Error error = std::move(params).error();
    error.where = where + "." + error.where;
    return error;
  }
  return RecipeStep{pass, *std::move(params)};
}

}  // namespace

Result<Recipe> parse_recipe(const Json& json) {
  if (!json.is_array()) {
    return refuse("A recipe is a list of steps", "", "Write [{\"pass\": \"quantize_static\"}].");
  }
  if (json.as_array().size() > kMaxSteps) {
    return refuse("The recipe has more than " + std::to_string(kMaxSteps) + " steps", "", "Shorten it.");
  }
  Recipe recipe;
  for (size_t i = 0; i < json.as_array().size(); ++i) {
    HT_ASSIGN(RecipeStep step, parse_step(json.as_array()[i], "[" + std::to_string(i) + "]"));
    recipe.push_back(std::move(step));
  }
  return recipe;
}

Result<Recipe> parse_recipe(std::string_view text) {
  auto json = Json::parse(text);
  if (!json.ok()) {
    Error error = std::move(json).error();
    return refuse("The recipe is not JSON: " + error.message, error.where, "Write [{\"pass\": \"quantize_static\"}].");
  }
  return parse_recipe(*json);
}

Json recipe_json(const Recipe& recipe) {
  Json list = Json::array();
  for (const RecipeStep& step : recipe) {
    Json item = Json::object();
    item.set("pass", step.pass->name);
    for (const Json::Member& member : step.params.json().as_object()) item.set(member.first, member.second);
    list.push(std::move(item));
  }
  return list;
}

}  // namespace halftone
