// Decimal text of numbers; the contract is in number_text.h.
#include "core/base/number_text.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#ifdef __EMSCRIPTEN__
// wasm/number_text.js
extern "C" {
void halftone_print_general(char* to, int room, int digits, double value);
double halftone_read_decimal(const char* text, int length);
}
#endif

namespace halftone {
namespace {

constexpr int kRoom = 40;

// What a format does here: the value with so many significant digits as printf's %g writes it; and strtod of the whole
// text, or NaN.
#ifdef __EMSCRIPTEN__

void print_general(char* to, int room, int digits, double value) { halftone_print_general(to, room, digits, value); }
double read_decimal(const char* text, int length) { return halftone_read_decimal(text, length); }

#else

void print_general(char* to, int room, int digits, double value) {
  std::snprintf(to, static_cast<size_t>(room), "%.*g", digits, value);
}

double read_decimal(const char* text, int length) {
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  return end == text + length ? value : std::nan("");
}

#endif

// With `sure` digits any two values of the type differ; often fewer do.
template <typename T>
std::string shortest(T value, int first, int sure) {
  if (std::isnan(value)) return "nan";
  const std::string sign = std::signbit(value) ? "-" : "";
  const double size = std::fabs(static_cast<double>(value));
  if (std::isinf(size)) return sign + "inf";
  char buffer[kRoom];
  for (int digits = first; digits <= sure; ++digits) {
    print_general(buffer, kRoom, digits, size);
    const std::optional<double> read = read_number(buffer);
    if (read && static_cast<T>(*read) == static_cast<T>(size)) break;
  }
  return sign + buffer;
}

}  // namespace

std::string number_text(double value) { return shortest(value, 15, 17); }

std::string number_text(float value) { return shortest(value, 6, 9); }

std::optional<double> read_number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  const double value = read_decimal(terminated.c_str(), static_cast<int>(terminated.size()));
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

}  // namespace halftone
