// JSON values: access, building, printing. Reading is in json_parse.cc.
#include "core/base/json.h"

#include <cmath>

#include "core/base/number_text.h"

namespace halftone {

bool Json::as_bool() const {
  HT_CHECK(is_bool());
  return std::get<bool>(value_);
}
double Json::as_number() const {
  HT_CHECK(is_number());
  return std::get<double>(value_);
}
const std::string& Json::as_string() const {
  HT_CHECK(is_string());
  return std::get<std::string>(value_);
}
const Json::Array& Json::as_array() const {
  HT_CHECK(is_array());
  return std::get<Array>(value_);
}
const Json::Object& Json::as_object() const {
  HT_CHECK(is_object());
  return std::get<Object>(value_);
}

const Json* Json::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  for (const Member& m : as_object()) {
    if (m.first == key) return &m.second;
  }
  return nullptr;
}

Json& Json::set(std::string key, Json value) {
  if (is_null()) value_ = Object{};
  HT_CHECK(is_object());
  for (Member& m : std::get<Object>(value_)) {
    if (m.first == key) {
      m.second = std::move(value);
      return *this;
    }
  }
  std::get<Object>(value_).emplace_back(std::move(key), std::move(value));
  return *this;
}

Json& Json::push(Json value) {
  if (is_null()) value_ = Array{};
  HT_CHECK(is_array());
  std::get<Array>(value_).push_back(std::move(value));
  return *this;
}

namespace {

void print_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (u < 0x20) {
          out += u < 0x10 ? "\\u000" : "\\u001";
          out += "0123456789abcdef"[u % 16];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void print_number(double v, std::string& out) {
  constexpr double kExact = 9007199254740992.0;
  if (!std::isfinite(v)) {
    out += "null";
  } else if (std::floor(v) == v && std::fabs(v) <= kExact) {
    out += std::to_string(static_cast<int64_t>(v));
  } else {
    out += number_text(v);
  }
}

void print(const Json& json, std::string& out) {
  if (json.is_null()) {
    out += "null";
  } else if (json.is_bool()) {
    out += json.as_bool() ? "true" : "false";
  } else if (json.is_number()) {
    print_number(json.as_number(), out);
  } else if (json.is_string()) {
    print_string(json.as_string(), out);
  } else if (json.is_array()) {
    out += '[';
    const char* separator = "";
    for (const Json& item : json.as_array()) {
      out += separator;
      print(item, out);
      separator = ",";
    }
    out += ']';
  } else {
    out += '{';
    const char* separator = "";
    for (const Json::Member& m : json.as_object()) {
      out += separator;
      print_string(m.first, out);
      out += ':';
      print(m.second, out);
      separator = ",";
    }
    out += '}';
  }
}

}  // namespace

std::string Json::dump() const {
  std::string out;
  print(*this, out);
  return out;
}

}  // namespace halftone
