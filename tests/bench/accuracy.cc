// accuracy <protocol> <recipe>...: what recipes leave of a real model's accuracy (protocols: conformance/models/
// accuracy.cc; the models are those of HALFTONE_SHARED). A recipe is JSON, or the parameters of quantize_static alone:
//   build/release/accuracy mobilenetv2 '{}' '{"activation_observer":"mse"}' '[{"pass":"quantize_static"}]'
#include "tests/conformance/models/accuracy.h"

#include <cstdio>

namespace {

std::string whole_recipe(const std::string& text) {
  if (text.empty() || text[0] != '{') return text;
  return R"([{"pass":"quantize_static")" + std::string(text == "{}" ? "" : ",") + text.substr(1) + "]";
}

}  // namespace

int main(int argc, char** argv) {
  using namespace halftone::testing;
  if (argc < 3) {
    std::fprintf(stderr, "accuracy <protocol> <recipe>...; protocols:");
    for (const Protocol& one : protocols()) std::fprintf(stderr, " %s", one.name);
    std::fprintf(stderr, "\n");
    return 2;
  }
  Trial trial(protocol(argv[1]));
  for (int i = 2; i < argc; ++i) {
    const auto got = trial.run(whole_recipe(argv[i]));
    if (!got.ok()) {
      std::fprintf(stderr, "%s: %s [%s] %s\n", argv[i], got.error().message.c_str(), got.error().where.c_str(),
                   got.error().hint.c_str());
      return 1;
    }
    std::printf("%-20s %6.2f dB, agree %5.1f %%, top-1 %5.1f -> %5.1f, %8lld bytes, %6.2f s  %s\n", argv[1],
                got->sqnr_db, got->agree, got->top1_float, got->top1, static_cast<long long>(got->bytes),
                got->recipe_seconds, argv[i]);
    std::fflush(stdout);
  }
}
