// Decimal text of numbers; the contract is in number_text.h.
#include "core/base/number_text.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace halftone {
namespace {

// With `sure` digits any two values of the type differ; often fewer do.
template <typename T, typename Read>
std::string shortest(T value, int first, int sure, Read read) {
  if (std::isnan(value)) return "nan";
  char buffer[40];
  for (int digits = first; digits <= sure; ++digits) {
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, static_cast<double>(value));
    if (read(buffer) == value) break;
  }
  return buffer;
}

}  // namespace

std::string number_text(double value) {
  return shortest(value, 15, 17, [](const char* text) { return std::strtod(text, nullptr); });
}

std::string number_text(float value) {
  return shortest(value, 6, 9, [](const char* text) { return std::strtof(text, nullptr); });
}

std::optional<double> read_number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  char* end = nullptr;
  const double value = std::strtod(terminated.c_str(), &end);
  if (end != terminated.c_str() + terminated.size()) return std::nullopt;
  return value;
}

}  // namespace halftone
