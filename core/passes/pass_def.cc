// Validation of a pass's parameters against its specs, and the defaults of PassRun.
// What is refused is refused by name: kInvalidRecipe, where = "<pass>.<key>", the hint says what would do.
#include "core/passes/pass_def.h"

#include <algorithm>
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
    case ParamKind::kString:
      return "a string";
    case ParamKind::kStringList:
      return "a list of strings";
    case ParamKind::kObjectList:
      return "a list of objects";
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

bool is_list_of(const Json& value, bool (Json::*kind)() const) {
  if (!value.is_array()) return false;
  const Json::Array& items = value.as_array();
  return std::all_of(items.begin(), items.end(), [&](const Json& item) { return (item.*kind)(); });
}

bool fits(const ParamSpec& spec, const Json& value) {
  switch (spec.kind) {
    case ParamKind::kBool:
      return value.is_bool();
    case ParamKind::kChoice:
      return in_choices(spec, value);
    case ParamKind::kString:
      return value.is_string();
    case ParamKind::kStringList:
      return is_list_of(value, &Json::is_string);
    case ParamKind::kObjectList:
      return is_list_of(value, &Json::is_object);
    case ParamKind::kInt:
    case ParamKind::kFloat:
      break;
  }
  if (!value.is_number()) return false;
  const double number = value.as_number();
  if (!(number >= spec.low && number <= spec.high)) return false;  // NaN fails too
  return spec.kind == ParamKind::kFloat || number == std::floor(number);
}

// `place`: the pass, or an entry of one of its lists.
Error misfit(std::string_view place, const ParamSpec& spec, const Json& value) {
  std::string shown = value.dump();
  if (shown.size() > 60) shown = shown.substr(0, 57) + "...";
  return {ErrorCode::kInvalidRecipe, "The value " + shown + " does not fit this parameter",
          std::string(place) + "." + std::string(spec.name), "Give " + expected(spec) + "."};
}

Error unknown_key(std::string_view place, std::span<const ParamSpec> specs, const std::string& key) {
  std::vector<std::string_view> names;
  for (const ParamSpec& spec : specs) names.push_back(spec.name);
  return {ErrorCode::kInvalidRecipe, "The pass has no parameter \"" + key + "\"", std::string(place) + "." + key,
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

Status check_members(std::string_view place, std::span<const ParamSpec> specs, const Json& object);

Status check_value(std::string_view place, const ParamSpec& spec, const Json& value) {
  if (!fits(spec, value)) return misfit(place, spec, value);
  if (spec.kind != ParamKind::kObjectList) return ok_status();
  for (size_t i = 0; i < value.as_array().size(); ++i) {
    const std::string entry = std::string(place) + "." + std::string(spec.name) + "[" + std::to_string(i) + "]";
    HT_TRY(check_members(entry, spec.fields, value.as_array()[i]));
    for (const ParamSpec& field : spec.fields) {
      if (!field.required || value.as_array()[i].find(field.name) != nullptr) continue;
      return Error{ErrorCode::kInvalidRecipe, "The entry lacks its \"" + std::string(field.name) + "\"", entry,
                   "Give " + expected(field) + ": " + std::string(field.help)};
    }
  }
  return ok_status();
}

// Every member is one of the specs' and fits it.
Status check_members(std::string_view place, std::span<const ParamSpec> specs, const Json& object) {
  for (const Json::Member& given : object.as_object()) {
    const ParamSpec* spec = find_spec(specs, given.first);
    if (spec == nullptr) return unknown_key(place, specs, given.first);
    HT_TRY(check_value(place, *spec, given.second));
  }
  return ok_status();
}

}  // namespace

Result<Params> Params::parse(std::string_view pass, std::span<const ParamSpec> specs, const Json& object) {
  if (!object.is_object()) {
    return Error{ErrorCode::kInvalidRecipe, "The parameters of a pass are an object", std::string(pass),
                 "Write {\"pass\": \"" + std::string(pass) + "\", ...}."};
  }
  HT_TRY(check_members(pass, specs, object));
  Params params;
  params.values_ = Json::object();
  for (const ParamSpec& spec : specs) {
    const Json* given = object.find(spec.name);
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

Params Params::extended(std::string_view name, const std::vector<Json>& entries) const {
  std::vector<Json> all = entries;
  const std::vector<Json>& own = objects(name);
  all.insert(all.end(), own.begin(), own.end());
  Params extended = *this;
  extended.values_.set(std::string(name), Json(std::move(all)));
  return extended;
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

const std::vector<Json>& Params::objects(std::string_view name) const { return member(values_, name).as_array(); }

Status PassRun::observe(int, const Feeds&) { return ok_status(); }
Status PassRun::end_sweep(int) { return ok_status(); }

}  // namespace halftone
