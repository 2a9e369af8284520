#include <gtest/gtest.h>

#include "core/passes/pass_def.h"
#include "core/passes/suggest.h"

namespace halftone {
namespace {

constexpr std::string_view kModes[] = {"fast", "exact"};
const ParamSpec kSpecs[] = {
    {.name = "on", .kind = ParamKind::kBool, .fallback = "true"},
    {.name = "bits", .kind = ParamKind::kInt, .fallback = "8", .low = 2, .high = 8},
    {.name = "ratio", .kind = ParamKind::kFloat, .fallback = "0.5", .low = 0, .high = 1},
    {.name = "mode", .kind = ParamKind::kChoice, .fallback = "\"fast\"", .choices = kModes},
    {.name = "skip", .kind = ParamKind::kStringList, .fallback = "[]", .list_of = "nodes"},
};

Json json(std::string_view text) { return *Json::parse(text); }

TEST(Params, FillsInDefaults) {
  const auto params = Params::parse("p", kSpecs, json("{}"));
  ASSERT_TRUE(params.ok());
  EXPECT_TRUE(params->flag("on"));
  EXPECT_EQ(params->integer("bits"), 8);
  EXPECT_EQ(params->number("ratio"), 0.5);
  EXPECT_EQ(params->choice("mode"), "fast");
  EXPECT_TRUE(params->list("skip").empty());
  EXPECT_EQ(params->json().dump(), R"({"on":true,"bits":8,"ratio":0.5,"mode":"fast","skip":[]})");
}

TEST(Params, TakesWhatIsGiven) {
  const auto params =
      Params::parse("p", kSpecs, json(R"({"skip":["a","b"],"mode":"exact","ratio":1,"bits":2,"on":false})"));
  ASSERT_TRUE(params.ok());
  EXPECT_FALSE(params->flag("on"));
  EXPECT_EQ(params->integer("bits"), 2);
  EXPECT_EQ(params->number("ratio"), 1);
  EXPECT_EQ(params->choice("mode"), "exact");
  EXPECT_EQ(params->list("skip"), (std::vector<std::string>{"a", "b"}));
}

TEST(Params, RefusesMisfitsByName) {
  const struct {
    const char* object;
    const char* where;
  } cases[] = {
      {R"({"on":1})", "p.on"},          {R"({"on":"true"})", "p.on"},
      {R"({"bits":1})", "p.bits"},      {R"({"bits":9})", "p.bits"},
      {R"({"bits":2.5})", "p.bits"},    {R"({"bits":"8"})", "p.bits"},
      {R"({"ratio":-0.1})", "p.ratio"}, {R"({"ratio":null})", "p.ratio"},
      {R"({"mode":"slow"})", "p.mode"}, {R"({"mode":["fast"]})", "p.mode"},
      {R"({"skip":"a"})", "p.skip"},    {R"({"skip":[1]})", "p.skip"},
      {R"({"bitz":8})", "p.bitz"},
  };
  for (const auto& c : cases) {
    const auto params = Params::parse("p", kSpecs, json(c.object));
    ASSERT_FALSE(params.ok()) << c.object;
    EXPECT_EQ(params.error().code, ErrorCode::kInvalidRecipe) << c.object;
    EXPECT_EQ(params.error().where, c.where) << c.object;
    EXPECT_FALSE(params.error().hint.empty()) << c.object;
  }
}

TEST(Params, RefusesWhatIsNoObject) {
  for (const char* text : {"[]", "1", "null", "\"p\""}) {
    EXPECT_FALSE(Params::parse("p", kSpecs, json(text)).ok()) << text;
  }
}

TEST(Params, HintSaysWhatWouldDo) {
  EXPECT_NE(Params::parse("p", kSpecs, json(R"({"bits":99})")).error().hint.find("from 2 to 8"), std::string::npos);
  EXPECT_NE(Params::parse("p", kSpecs, json(R"({"mode":""})")).error().hint.find("\"fast\" or \"exact\""),
            std::string::npos);
  EXPECT_NE(Params::parse("p", kSpecs, json(R"({"bist":1})")).error().hint.find("Did you mean \"bits\"?"),
            std::string::npos);
}

TEST(Suggest, NearestNameFirst) {
  const std::string_view known[] = {"observer", "per_channel", "op_types"};
  EXPECT_EQ(suggest("perchannel", known), "Did you mean \"per_channel\"? Known: observer, per_channel, op_types.");
  EXPECT_EQ(suggest("OBSERVER", known).substr(0, 24), "Did you mean \"observer\"?");
  EXPECT_EQ(suggest("quantum_chromodynamics", known), "Known: observer, per_channel, op_types.");
  EXPECT_EQ(suggest("observer_", known, 1), "Did you mean \"observer\"? Known: observer, and 2 more.");
  EXPECT_EQ(suggest("x", {}), "");
}

TEST(Suggest, HostileLengthIsNoTrouble) {
  const std::string_view known[] = {"observer"};
  EXPECT_EQ(suggest(std::string(1 << 20, 'o'), known).substr(0, 12), "Did you mean");
}

TEST(Registry, PassesAreFoundByNameAndTheirDefaultsParse) {
  ASSERT_FALSE(all_passes().empty());
  for (const PassDef* pass : all_passes()) {
    EXPECT_EQ(find_pass(pass->name), pass);
    EXPECT_FALSE(pass->summary.empty());
    EXPECT_NE(pass->begin, nullptr);
    EXPECT_TRUE(Params::parse(pass->name, pass->params, Json::object()).ok()) << pass->name;
    for (const ParamSpec& spec : pass->params) {
      EXPECT_FALSE(spec.label.empty()) << pass->name << "." << spec.name;
      EXPECT_FALSE(spec.help.empty()) << pass->name << "." << spec.name;
    }
  }
  EXPECT_EQ(find_pass("no_such_pass"), nullptr);
}

}  // namespace
}  // namespace halftone
