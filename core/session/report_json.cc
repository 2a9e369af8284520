// Reports and profiles as JavaScript names things: the core's snake_case keys become camelCase. What belongs to
// passes by name (recipe steps and their parameters) stays as the recipe writes it.
#include <string>

#include "core/session/session.h"

namespace halftone {
namespace {

std::string camel_case(std::string_view key) {
  std::string out;
  for (size_t i = 0; i < key.size(); ++i) {
    if (key[i] == '_' && i > 0 && i + 1 < key.size()) {
      ++i;
      out += key[i] >= 'a' && key[i] <= 'z' ? static_cast<char>(key[i] - 'a' + 'A') : key[i];
    } else {
      out += key[i];
    }
  }
  return out;
}

}  // namespace

Json report_json(const Json& report) {
  if (report.is_array()) {
    Json::Array out;
    for (const Json& item : report.as_array()) out.push_back(report_json(item));
    return out;
  }
  if (!report.is_object()) return report;
  Json::Object out;
  for (const auto& [key, value] : report.as_object()) {
    const bool verbatim = key == "params" || key == "recipe";
    out.emplace_back(camel_case(key), verbatim ? value : report_json(value));
  }
  return out;
}

Json profile_json(const RunResult& result) {
  Json::Array out;
  for (const NodeTime& time : result.profile) {
    out.push_back(Json::Object{{"node", time.node}, {"op", time.op_type}, {"integer", time.integer}, {"ms", time.ms}});
  }
  return out;
}

}  // namespace halftone
