// JSON values (RFC 8259): recipes come in and reports go out as this. Objects keep insertion order.
// Numbers are doubles; integers up to 2^53 print without a fraction. parse() limits nesting to 64.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/result.h"

namespace halftone {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;  // null
  Json(std::nullptr_t) {}
  Json(bool v) : value_(v) {}
  Json(double v) : value_(v) {}
  Json(float v) : value_(static_cast<double>(v)) {}
  Json(int v) : value_(static_cast<double>(v)) {}
  Json(int64_t v) : value_(static_cast<double>(v)) {}
  Json(uint64_t v) : value_(static_cast<double>(v)) {}
  Json(const char* v) : value_(std::string(v)) {}
  Json(std::string v) : value_(std::move(v)) {}
  Json(std::string_view v) : value_(std::string(v)) {}
  Json(Array v) : value_(std::move(v)) {}
  Json(Object v) : value_(std::move(v)) {}

  static Json array() { return Json(Array{}); }
  static Json object() { return Json(Object{}); }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_number() const { return std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // The value as that type; CHECKs that it is one.
  bool as_bool() const;
  double as_number() const;
  const std::string& as_string() const;
  const Array& as_array() const;
  const Object& as_object() const;

  // Member of an object, or nullptr (also when this is not an object).
  const Json* find(std::string_view key) const;

  // Sets or replaces a member (this must be null or an object) / appends (null or an array).
  Json& set(std::string key, Json value);
  Json& push(Json value);

  // Compact text; doubles in the fewest digits that read back the same. NaN and infinities print as null.
  std::string dump() const;

  // Error: kInvalidArgument, where = "offset N". A key that comes twice is an error too.
  static Result<Json> parse(std::string_view text);

 private:
  std::variant<std::monostate, bool, double, std::string, Array, Object> value_;
};

}  // namespace halftone
