// JSON: what RFC 8259 allows, what it does not, and that no damaged text does harm.
#include "core/base/json.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "core/base/rng.h"

namespace halftone {
namespace {

TEST(Json, ParsesAndPrintsBack) {
  struct Case {
    const char* text;
    const char* printed;
  };
  const Case cases[] = {
      {"null", "null"},
      {" true ", "true"},
      {"false", "false"},
      {"0", "0"},
      {"-0", "0"},
      {"-12", "-12"},
      {"1.5e3", "1500"},
      {"1E-2", "0.01"},
      {"0.1", "0.1"},
      {"9007199254740992", "9007199254740992"},
      {"1e300", "1e+300"},
      {"\"\"", "\"\""},
      {R"("a\"b\\c\/d\b\f\n\r\t")", R"("a\"b\\c/d\u0008\u000c\n\r\t")"},
      {R"("\u0041\u00e9\u20ac\ud83d\ude00")", "\"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
      {"[]", "[]"},
      {"[ 1 , [ 2 ] , {} ]", "[1,[2],{}]"},
      {"{\"b\" : 1 , \"a\" : [null]}", "{\"b\":1,\"a\":[null]}"},
      {"\t\r\n1\n", "1"},
  };
  for (const Case& c : cases) {
    auto json = Json::parse(c.text);
    ASSERT_TRUE(json.ok()) << c.text << ": " << json.error().message;
    EXPECT_EQ(json->dump(), c.printed);
    EXPECT_EQ(Json::parse(json->dump()).value().dump(), json->dump());
  }
}

TEST(Json, RefusesWhatIsNotJson) {
  struct Case {
    std::string text;
    const char* where;
  };
  const Case cases[] = {
      {"", "offset 0"},
      {"  ", "offset 2"},
      {"nul", "offset 0"},
      {"True", "offset 0"},
      {"NaN", "offset 0"},
      {"Infinity", "offset 0"},
      {"-", "offset 0"},
      {"+1", "offset 0"},
      {"01", "offset 0"},
      {"-012", "offset 0"},
      {"1.", "offset 0"},
      {"1.e5", "offset 0"},
      {".5", "offset 0"},
      {"1e", "offset 0"},
      {"1e+", "offset 0"},
      {"0x10", "offset 1"},
      {"1e999", "offset 0"},
      {"1 2", "offset 2"},
      {"[1,]", "offset 3"},
      {"[1", "offset 2"},
      {"[1 2]", "offset 3"},
      {"{", "offset 1"},
      {"{1:2}", "offset 1"},
      {"{\"a\"}", "offset 4"},
      {"{\"a\":1,}", "offset 7"},
      {"{\"a\":1", "offset 6"},
      {"\"", "offset 1"},
      {"\"a", "offset 2"},
      {"\"\\x\"", "offset 3"},
      {"\"\\u12\"", "offset 3"},
      {"\"\\u12g4\"", "offset 3"},
      {"\"\\ud800\"", "offset 7"},
      {"\"\\udc00\"", "offset 7"},
      {"\"\\ud800\\u0041\"", "offset 13"},
      {"\"a\nb\"", "offset 3"},
      {"{\"a\":1,\"a\":2}", "offset 10"},
      {std::string("\"\0\"", 3), "offset 2"},
      {"// c", "offset 0"},
      {"'a'", "offset 0"},
  };
  for (const Case& c : cases) {
    auto json = Json::parse(c.text);
    ASSERT_FALSE(json.ok()) << c.text;
    EXPECT_EQ(json.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(json.error().where, c.where) << c.text << ": " << json.error().message;
    EXPECT_FALSE(json.error().hint.empty());
  }
}

TEST(Json, NestingIsLimited) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(Json::parse(nested(64)).ok());
  EXPECT_FALSE(Json::parse(nested(66)).ok());
  EXPECT_FALSE(Json::parse(nested(1000000)).ok());
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  EXPECT_FALSE(Json::parse(objects).ok());
}

TEST(Json, ObjectsWithManyKeysTakeTimeInTheirNumber) {
  std::string text = "{";
  for (int i = 0; i < 200000; ++i) text += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":0";
  const Json json = Json::parse(text + "}").value();
  EXPECT_EQ(json.as_object().size(), 200000u);
}

TEST(Json, NumbersReadBackExactly) {
  Rng rng(11);
  for (int i = 0; i < 20000; ++i) {
    const double v = std::bit_cast<double>(rng.next());
    if (!std::isfinite(v)) continue;
    const double back = Json::parse(Json(v).dump()).value().as_number();
    ASSERT_EQ(v, back) << Json(v).dump();
  }
}

TEST(Json, NumbersThatJsonLacksPrintAsNull) {
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).dump(), "null");
  EXPECT_EQ(Json(-std::numeric_limits<float>::infinity()).dump(), "null");
  EXPECT_EQ(Json(std::numeric_limits<double>::quiet_NaN()).dump(), "null");
}

TEST(Json, BuildsObjectsInOrderAndReplacesMembers) {
  Json json;
  json.set("b", 1).set("a", Json::array().push("x").push(true)).set("b", nullptr);
  json.set("n", int64_t{1} << 53);
  EXPECT_EQ(json.dump(), R"({"b":null,"a":["x",true],"n":9007199254740992})");
  EXPECT_EQ(json.find("a")->as_array().size(), 2u);
  EXPECT_EQ(json.find("none"), nullptr);
  EXPECT_EQ(Json(3).find("a"), nullptr);
  EXPECT_EQ(Json::object().dump(), "{}");
  EXPECT_TRUE(Json().is_null());
}

TEST(JsonDeathTest, AskingForAnotherTypeIsOurBug) {
  EXPECT_DEATH_IF_SUPPORTED(static_cast<void>(Json(1).as_string()), "");
  EXPECT_DEATH_IF_SUPPORTED(static_cast<void>(Json("x").as_number()), "");
  EXPECT_DEATH_IF_SUPPORTED(static_cast<void>(Json(1).push(2)), "");
}

constexpr std::string_view kRecipe =
    R"([{"pass":"quantize_static","bits":8,"per_channel":true,"exclude":["conv\u0031","a\\b"],"x":-1.25e-3},)"
    R"({"pass":"fold","deep":[[[{"k":[null,false]}]]],"s":"\ud83d\ude00"}])";

TEST(Json, EveryTruncationIsAnError) {
  ASSERT_TRUE(Json::parse(kRecipe).ok());
  for (size_t n = 0; n < kRecipe.size(); ++n) EXPECT_FALSE(Json::parse(kRecipe.substr(0, n)).ok()) << n;
}

// Whatever comes out of a damaged text prints as JSON that reads back the same.
void expect_sane(const std::string& text) {
  auto json = Json::parse(text);
  if (!json.ok()) {
    EXPECT_EQ(json.error().where.substr(0, 7), "offset ");
    return;
  }
  const std::string printed = json->dump();
  auto again = Json::parse(printed);
  ASSERT_TRUE(again.ok()) << text << " -> " << printed;
  EXPECT_EQ(again->dump(), printed);
}

TEST(Json, EverySingleByteChange) {
  for (size_t at = 0; at < kRecipe.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text(kRecipe);
      text[at] = static_cast<char>(byte);
      expect_sane(text);
    }
    std::string shorter(kRecipe);
    expect_sane(shorter.erase(at, 1));
  }
}

TEST(Json, RandomDamage) {
  constexpr std::string_view kPieces[] = {"{",   "}",  "[",   "]", ",", ":",    "\"",
                                          "\\u", "\\", "1e9", "-", ".", "null", " "};
  Rng rng(2024);
  for (int round = 0; round < 20000; ++round) {
    std::string text(kRecipe);
    for (uint32_t edits = 1 + rng.below(6); edits > 0; --edits) {
      const size_t at = rng.below(static_cast<uint32_t>(text.size()));
      switch (rng.below(3)) {
        case 0:
          text.insert(at, kPieces[rng.below(std::size(kPieces))]);
          break;
        case 1:
          text.erase(at, rng.below(8));
          break;
        default:
          text.insert(at, text.substr(rng.below(static_cast<uint32_t>(text.size())), rng.below(30)));
      }
      if (text.empty()) text = "[";
    }
    expect_sane(text);
  }
}

}  // namespace
}  // namespace halftone
