// quality <network>[,<network>...]|all <recipe JSON or preset name>...: what recipes do to real networks, one line
// each: signal-to-noise ratio of the outputs, agreement with float, top-1 of both, bytes and seconds. Needs
// HALFTONE_SHARED. The networks and the protocol are those of tests/conformance/models/quality.h.
#include "tests/conformance/models/quality.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "core/recipe/presets.h"

namespace halftone::testing {
namespace {

using Clock = std::chrono::steady_clock;

int complain(const Error& error) {
  std::fprintf(stderr, "%s [%s] %s\n", error.message.c_str(), error.where.c_str(), error.hint.c_str());
  return 1;
}

std::string recipe_text(const std::string& text) {
  for (const Preset& preset : presets()) {
    if (preset.name == text) return std::string(preset.recipe);
  }
  return text;
}

int measure(const Protocol& protocol, const std::vector<std::string>& recipes) {
  QualityBench bench(protocol);
  for (const std::string& text : recipes) {
    const Result<Recipe> recipe = parse_recipe(recipe_text(text));
    if (!recipe.ok()) return complain(recipe.error());
    const auto start = Clock::now();
    const Result<RecipeOutcome> outcome = bench.compress(*recipe);
    if (!outcome.ok()) return complain(outcome.error());
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    const Result<Quality> quality = bench.judge(outcome->model);
    if (!quality.ok()) return complain(quality.error());
    const Json& last = outcome->report.find("steps")->as_array().back();
    std::printf("%-12s %6.2f dB  agree %5.1f %%  top-1 %5.1f -> %5.1f  %9.0f bytes  %6.1f s  %s\n", protocol.name,
                quality->sqnr_db, quality->agreement, quality->top1_float, quality->top1,
                last.find("bytes_after")->as_number(), seconds, text.c_str());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace halftone::testing

int main(int argc, char** argv) {
  using namespace halftone::testing;
  if (argc < 3 || models_folder().empty()) {
    std::fprintf(stderr,
                 "usage: HALFTONE_SHARED=<folder> quality <network>[,<network>...]|all <recipe JSON or preset>...\n");
    return 2;
  }
  const std::string networks = "," + std::string(argv[1]) + ",";
  for (const Protocol& protocol : kProtocols) {
    if (networks != ",all," && networks.find("," + std::string(protocol.name) + ",") == std::string::npos) continue;
    if (const int code = measure(protocol, {argv + 2, argv + argc}); code != 0) return code;
  }
  return 0;
}
