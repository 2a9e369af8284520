// The measurements of quality.h.
#include "tests/conformance/models/quality.h"

#include <algorithm>
#include <cmath>

namespace halftone::testing {
namespace {

Result<std::unique_ptr<Executor>> executor_of(const Model& model, bool integer) {
  CompileOptions options;
  options.integer = integer;
  HT_ASSIGN(auto program, compile(model, options));
  return std::make_unique<Executor>(std::move(program));
}

// Whatever their rank, the first output's numbers.
Result<std::vector<float>> answer(Executor& executor, const Feeds& feeds) {
  HT_ASSIGN(const RunResult result, executor.run(feeds));
  const auto values = result.outputs[0].second.data<float>();
  return std::vector<float>(values.begin(), values.end());
}

int64_t best(const std::vector<float>& v) { return std::max_element(v.begin(), v.end()) - v.begin(); }

}  // namespace

const Protocol& protocol(std::string_view name) {
  const auto at =
      std::find_if(std::begin(kProtocols), std::end(kProtocols), [&](const Protocol& p) { return p.name == name; });
  HT_CHECK(at != std::end(kProtocols));
  return *at;
}

QualityBench::QualityBench(const Protocol& protocol) : QualityBench(protocol, load_model(protocol.model)) {}

QualityBench::QualityBench(const Protocol& protocol, Model model)
    : protocol_(protocol), model_(std::move(model)), evaluation_(protocol.evaluation()) {
  input_ = model_.graph.value(model_.graph.inputs[0]).name;
  if (protocol.calibration != nullptr) calibration_ = protocol.calibration();
}

Feeds QualityBench::feeds(const Images& images, size_t i) const {
  return {{input_, images.tensor(i, protocol_.preprocessing)}};
}

Result<RecipeOutcome> QualityBench::compress(const Recipe& recipe) const {
  const Images& images = protocol_.calibration == nullptr ? evaluation_ : calibration_;
  HT_ASSIGN(RecipeRun run, RecipeRun::start(model_, recipe));
  while (run.wants_data()) {
    for (size_t i = 0; i < protocol_.calibrate; ++i) {
      HT_TRY(run.observe(feeds(images, protocol_.calibrate_from + i)));
    }
    HT_TRY(run.end_sweep());
  }
  return run.finish();
}

Status QualityBench::run_float() {
  HT_ASSIGN(auto executor, executor_of(model_, false));
  const size_t end = std::min(protocol_.evaluate_from + protocol_.evaluate, evaluation_.size());
  for (size_t i = protocol_.evaluate_from; i < end; ++i) {
    HT_ASSIGN(std::vector<float> values, answer(*executor, feeds(evaluation_, i)));
    reference_.push_back(std::move(values));
  }
  return ok_status();
}

Result<Quality> QualityBench::judge(const Model& model) {
  if (reference_.empty()) HT_TRY(run_float());
  HT_ASSIGN(auto executor, executor_of(model, true));
  double signal = 0, noise = 0;
  int64_t agree = 0, right_float = 0, right = 0;
  for (size_t k = 0; k < reference_.size(); ++k) {
    const size_t i = protocol_.evaluate_from + k;
    HT_ASSIGN(const std::vector<float> values, answer(*executor, feeds(evaluation_, i)));
    const std::vector<float>& wanted = reference_[k];
    for (size_t j = 0; j < wanted.size(); ++j) {
      const double r = wanted[j], d = r - values[j];
      signal += r * r;
      noise += d * d;
    }
    agree += best(wanted) == best(values);
    right_float += best(wanted) == evaluation_.labels[i];
    right += best(values) == evaluation_.labels[i];
  }
  const double percent = 100.0 / static_cast<double>(reference_.size());
  return Quality{10 * std::log10(signal / noise), percent * static_cast<double>(agree),
                 percent * static_cast<double>(right_float), percent * static_cast<double>(right)};
}

}  // namespace halftone::testing
