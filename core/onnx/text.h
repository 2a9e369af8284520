// Names that come from files: checked to be UTF-8 before they go anywhere, and made printable for error messages.
// Source: RFC 3629 (no surrogates, no overlong forms, at most U+10FFFF).
#pragma once

#include <string>
#include <string_view>

namespace halftone {

bool valid_utf8(std::string_view text);

// For error messages: control characters and broken UTF-8 as \xNN, at most `limit` bytes of the text and "...".
std::string printable(std::string_view text, size_t limit = 80);

// The same between single quotes.
std::string quoted(std::string_view text);

}  // namespace halftone
