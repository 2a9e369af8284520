// Validation of a pass's parameters against its specs, and the defaults of PassRun.
// What is refused is refused by name: kInvalidRecipe, where = "<pass>.<key>", the hint says what would do.
#include "core/passes/pass_def.h"

#include <cmath>

#include "core/passes/suggest.h"

namespace halftone {
namespace {

std::string number_text(double v) { return Json(v).dump(); }

std::string quoted_list(std::span<const std::string_view> names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i) text += i + 1 == names.size() ? " or " : ", ";
    text += "\"" + std::string(names[i]) + "\"";
  }
  return text;
}

std::string expected(const ParamSpec& spec) {
  switch (spec.kind) {
    case ParamKind::kBool:
      return "true or false";
    case ParamKind::kInt:
      return "a whole number from " + number_text(spec.low) + " to " + number_text(spec.high);
    case ParamKind::kFloat:
      return "a number from " + number_text(spec.low) + " to " + number_text(spec.high);
    case ParamKind::kChoice:
      return quoted_list(spec.choices);
    case ParamKind::kStringList:
      return "a list of strings";
  }
  return {};
}

bool in_choices(const ParamSpec& spec, const Json& value) {
  if (!value.is_string()) return false;
  for (std::string_view choice : spec.choices) {
    if (choice == value.as_string()) return true;
  }
  return false;
}

bool is_string_list(const Json& value) {
  if (!value.is_array()) return false;
  for (const Json& item : value.as_array()) {
    if (!item.is_string()) return false;
  }
  return true;
}

bool fits(const ParamSpec& spec, const Json& value) {
  switch (spec.kind) {
    case ParamKind::kBool:
      return value.is_bool();
    case ParamKind::kChoice:
      return in_choices(spec, value);
    case ParamKind::kStringList:
      return is_string_list(value);
    case ParamKind::kInt:
    case ParamKind::kFloat:
      break;
  }
  if (!value.is_number()) return false;
  const double number = value.as_number();
  if (!(number >= spec.low && number <= spec.high)) return false;  // NaN fails too
  return spec.kind == ParamKind::kFloat || number == std::floor(number);
}

Error misfit(std::string_view pass, const ParamSpec& spec, const Json& value) {
  std::string shown = value.dump();
  if (shown.size() > 60) shown = shown.substr(0, 57) + "...";
  return {ErrorCode::kInvalidRecipe, "The value " + shown + " does not fit this parameter",
          std::string(pass) + "." + std::string(spec.name), "Give " + expected(spec) + "."};
}

Error unknown_key(std::string_view pass, std::span<const ParamSpec> specs, const std::string& key) {
  std::vector<std::string_view> names;
  for (const ParamSpec& spec : specs) names.push_back(spec.name);
  return {ErrorCode::kInvalidRecipe, "The pass has no parameter \"" + key + "\"", std::string(pass) + "." + key,
          names.empty() ? "This pass takes no parameters." : suggest(key, names)};
}

const ParamSpec* find_spec(std::span<const ParamSpec> specs, std::string_view name) {
  for (const ParamSpec& spec : specs) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

// A getter asked for a name that no spec has: a pass disagrees with its own table.
const Json& member(const Json& values, std::string_view name) {
  const Json* value = values.find(name);
  HT_CHECK(value != nullptr);
  return *value;
}

}  // namespace

Result<Params> Params::parse(std::string_view pass, std::span<const ParamSpec> specs, const Json& object) {
  if (!object.is_object()) {
    return Error{ErrorCode::kInvalidRecipe, "The parameters of a pass are an object", std::string(pass),
                 "Write {\"pass\": \"" + std::string(pass) + "\", ...}."};
  }
  for (const Json::Member& given : object.as_object()) {
    if (find_spec(specs, given.first) == nullptr) return unknown_key(pass, specs, given.first);
  }
  Params params;
  params.values_ = Json::object();
  for (const ParamSpec& spec : specs) {
    const Json* given = object.find(spec.name);
    if (given != nullptr && !fits(spec, *given)) return misfit(pass, spec, *given);
    if (given != nullptr) {
      params.values_.set(std::string(spec.name), *given);
      continue;
    }
    auto fallback = Json::parse(spec.fallback);
    HT_CHECK(fallback.ok() && fits(spec, *fallback));
    params.values_.set(std::string(spec.name), *std::move(fallback));
  }
  return params;
}

bool Params::flag(std::string_view name) const { return member(values_, name).as_bool(); }
int64_t Params::integer(std::string_view name) const { return static_cast<int64_t>(member(values_, name).as_number()); }
double Params::number(std::string_view name) const { return member(values_, name).as_number(); }
const std::string& Params::choice(std::string_view name) const { return member(values_, name).as_string(); }

std::vector<std::string> Params::list(std::string_view name) const {
  std::vector<std::string> items;
  for (const Json& item : member(values_, name).as_array()) items.push_back(item.as_string());
  return items;
}

Status PassRun::observe(int, const Feeds&) { return ok_status(); }
Status PassRun::end_sweep(int) { return ok_status(); }

}  // namespace halftone
