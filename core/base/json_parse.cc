// JSON text to values (RFC 8259): recursive descent with a limit on depth. Bytes above 0x7f pass through as they are:
// whether they are UTF-8 is for whoever reads the file to check.
#include <cmath>
#include <unordered_set>

#include "core/base/json.h"
#include "core/base/number_text.h"

namespace halftone {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Json> document() {
    HT_ASSIGN(Json value, parse_value(0));
    skip_space();
    if (at_ != text_.size()) return fail("there is more text after the value");
    return value;
  }

 private:
  static constexpr int kMaxDepth = 64;

  Error fail(std::string message) const {
    return Error{ErrorCode::kInvalidArgument, "This is not valid JSON: " + std::move(message) + ".",
                 "offset " + std::to_string(at_), "Check quotes, commas and brackets near there."};
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  Result<Json> parse_value(int depth) {
    if (depth > kMaxDepth) return fail("nested too deeply");
    skip_space();
    if (at_ >= text_.size()) return fail("it ends where a value is expected");
    switch (text_[at_]) {
      case '{':
        return parse_object(depth);
      case '[':
        return parse_array(depth);
      case '"': {
        HT_ASSIGN(std::string s, parse_string());
        return Json(std::move(s));
      }
      case 't':
        return take_word("true") ? Result<Json>(Json(true)) : fail("unknown word");
      case 'f':
        return take_word("false") ? Result<Json>(Json(false)) : fail("unknown word");
      case 'n':
        return take_word("null") ? Result<Json>(Json()) : fail("unknown word");
      default:
        return parse_number();
    }
  }

  Result<Json> parse_object(int depth) {
    ++at_;
    Json::Object members;
    std::unordered_set<std::string> keys;
    if (take('}')) return Json(std::move(members));
    do {
      skip_space();
      if (at_ >= text_.size() || text_[at_] != '"') return fail("a key in quotes is expected");
      HT_ASSIGN(std::string key, parse_string());
      if (!keys.insert(key).second) return fail("the key \"" + key + "\" comes twice");
      if (!take(':')) return fail("':' is expected after a key");
      HT_ASSIGN(Json value, parse_value(depth + 1));
      members.emplace_back(std::move(key), std::move(value));
    } while (take(','));
    if (!take('}')) return fail("',' or '}' is expected");
    return Json(std::move(members));
  }

  Result<Json> parse_array(int depth) {
    ++at_;
    Json::Array items;
    if (take(']')) return Json(std::move(items));
    do {
      HT_ASSIGN(Json value, parse_value(depth + 1));
      items.push_back(std::move(value));
    } while (take(','));
    if (!take(']')) return fail("',' or ']' is expected");
    return Json(std::move(items));
  }

  bool at_digit(size_t i) const { return i < text_.size() && text_[i] >= '0' && text_[i] <= '9'; }

  // The end of the digits that start at i, or i.
  size_t skip_digits(size_t i) const {
    while (at_digit(i)) ++i;
    return i;
  }

  // read_number takes more than JSON does (leading zeros, "+1", "1."), so the grammar is checked before.
  Result<Json> parse_number() {
    const size_t digits = at_ + (text_[at_] == '-' ? 1 : 0);
    size_t end = skip_digits(digits);
    if (end == digits) return fail("a value is expected");
    if (text_[digits] == '0' && end > digits + 1) return fail("a number starts with a needless zero");
    if (end < text_.size() && text_[end] == '.') {
      if (!at_digit(end + 1)) return fail("a digit is expected after the point");
      end = skip_digits(end + 1);
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      size_t exponent = end + 1;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
      if (!at_digit(exponent)) return fail("a digit is expected in the exponent");
      end = skip_digits(exponent);
    }
    const double v = read_number(text_.substr(at_, end - at_)).value_or(0);
    if (!std::isfinite(v)) return fail("the number does not fit");
    at_ = end;
    return Json(v);
  }

  Result<uint32_t> parse_hex4() {
    if (text_.size() - at_ < 4) return fail("an escape is cut off");
    uint32_t code = 0;
    for (const char c : text_.substr(at_, 4)) {
      const size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
      if (digit == std::string_view::npos) return fail("four hexadecimal digits are expected");
      code = code * 16 + static_cast<uint32_t>(digit < 16 ? digit : digit - 6);
    }
    at_ += 4;
    return code;
  }

  static void append_utf8(uint32_t c, std::string& out) {
    const auto byte = [&](uint32_t b) { out += static_cast<char>(b); };
    if (c < 0x80) {
      byte(c);
    } else if (c < 0x800) {
      byte(0xc0 | c >> 6), byte(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f));
    } else {
      byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 0x3f)), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f));
    }
  }

  Status parse_escape(std::string& out) {
    if (at_ >= text_.size()) return fail("an escape is cut off");
    const char c = text_[at_++];
    constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
    if (const size_t i = kFrom.find(c); i != std::string_view::npos) {
      out += kTo[i];
      return ok_status();
    }
    if (c != 'u') return fail("unknown escape");
    HT_ASSIGN(uint32_t code, parse_hex4());
    if (code >= 0xd800 && code < 0xdc00) {
      if (!take_word("\\u")) return fail("half of a surrogate pair");
      HT_ASSIGN(const uint32_t low, parse_hex4());
      if (low < 0xdc00 || low >= 0xe000) return fail("half of a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
      return fail("half of a surrogate pair");
    }
    append_utf8(code, out);
    return ok_status();
  }

  Result<std::string> parse_string() {
    ++at_;
    std::string out;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return out;
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character inside a text");
      if (c == '\\') {
        HT_TRY(parse_escape(out));
      } else {
        out += c;
      }
    }
    return fail("a text has no closing quote");
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<Json> Json::parse(std::string_view text) { return Parser(text).document(); }

}  // namespace halftone
