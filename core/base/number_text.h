// Numbers as decimal text and back, the same number on every platform.
// Through strtod and snprintf, in the "C" locale that a program starts with and that the core never changes; in
// WebAssembly through JavaScript's own numbers, which are in the browser already: strtod and snprintf take 18 KB there,
// std::to_chars and std::from_chars of floating-point numbers 130 KB.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace halftone {

// The shortest text, in printf's %g form, that reads back as the same value; "inf", "-inf", "nan" for the others.
std::string number_text(double value);
std::string number_text(float value);

// The value of a text that is a decimal number and nothing else ("-1.5e3", ".5", "+7"), rounded to nearest; infinite
// where it is too large. nullopt for any other text: no spaces, hexadecimal digits, "inf" or "nan".
std::optional<double> read_number(std::string_view text);

}  // namespace halftone
