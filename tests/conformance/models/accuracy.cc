#include "tests/conformance/models/accuracy.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/base/check.h"

namespace halftone::testing {
namespace {

constexpr size_t kCalibrate = 100;

constexpr Protocol kProtocols[] = {
    {"mobilenetv2", "classify/mobilenetv2-12-dequantized.onnx", nullptr, 0, imagenet200, 100, 100, kImageNet},
    {"squeezenet", "classify/squeezenet1.0-fp32.onnx", nullptr, 0, imagenet200, 100, 100, kCaffe},
    {"mlperftiny_resnet8", "classify/mlperftiny-resnet8-cifar10.onnx", cifar10_calibration, 0, cifar10_test, 0, 2000,
     kRaw},
    {"cifar10_resnet_4b", "classify/cifar10-resnet_4b.onnx", cifar10_calibration, 0, cifar10_test, 0, 2000, kCifar},
    {"cifar10_vit", "classify/cifar10-vit-ibp_3_3_8.onnx", cifar10_calibration, 0, cifar10_test, 0, 2000, kCifar},
    // Which hundred digits calibrate decides how far later ones saturate, hence this choice.
    {"mnist_8", "classify/mnist-8.onnx", nullptr, 9000, mnist_test, 0, 2000, kRaw},
};

// The network's own numbers, whatever their rank.
struct Tally {
  double signal = 0, noise = 0;
  int64_t count = 0, agree = 0, right_float = 0, right = 0;

  void add(std::span<const float> reference, std::span<const float> other, int64_t label) {
    for (size_t i = 0; i < reference.size(); ++i) {
      const double r = reference[i], d = r - other[i];
      signal += r * r;
      noise += d * d;
    }
    const auto best = [](std::span<const float> v) { return std::max_element(v.begin(), v.end()) - v.begin(); };
    ++count;
    agree += best(reference) == best(other);
    right_float += best(reference) == label;
    right += best(other) == label;
  }
  double percent(int64_t n) const { return 100 * static_cast<double>(n) / static_cast<double>(count); }
};

Result<std::shared_ptr<const Program>> program_of(const Model& model, bool integer) {
  CompileOptions options;
  options.integer = integer;
  return compile(model, options);
}

class Calibration final : public CalibrationSource {
 public:
  Calibration(size_t n, std::function<Feeds(size_t)> feeds) : n_(n), feeds_(std::move(feeds)) {}
  Status rewind() override {
    at_ = 0;
    return ok_status();
  }
  Result<std::optional<Feeds>> next() override {
    if (at_ == n_) return std::optional<Feeds>();
    return std::optional<Feeds>(feeds_(at_++));
  }

 private:
  size_t n_, at_ = 0;
  std::function<Feeds(size_t)> feeds_;
};

}  // namespace

std::span<const Protocol> protocols() { return kProtocols; }

const Protocol& protocol(std::string_view name) {
  const auto at =
      std::find_if(std::begin(kProtocols), std::end(kProtocols), [&](const auto& p) { return p.name == name; });
  HT_CHECK(at != std::end(kProtocols));
  return *at;
}

Trial::Trial(const Protocol& protocol)
    : protocol_(protocol),
      model_(load_model(protocol.model)),
      input_(model_.graph.value(model_.graph.inputs[0]).name),
      calibration_(protocol.calibration == nullptr ? Images() : protocol.calibration()),
      evaluation_(protocol.evaluation()) {}

Feeds Trial::feeds(const Images& images, size_t i) const {
  return {{input_, images.tensor(i, protocol_.preprocessing)}};
}

Result<Accuracy> Trial::run(const std::string& text) {
  const Images& images = calibration_.size() > 0 ? calibration_ : evaluation_;
  Calibration source(kCalibrate, [&](size_t i) { return feeds(images, protocol_.calibrate_from + i); });
  HT_ASSIGN(const Recipe recipe, parse_recipe(text));
  const auto start = std::chrono::steady_clock::now();
  HT_ASSIGN(RecipeOutcome outcome, run_recipe(model_, recipe, &source));
  Accuracy accuracy;
  accuracy.recipe_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  HT_ASSIGN(auto program, program_of(outcome.model, true));
  Executor integer(std::move(program));
  const size_t end = std::min(protocol_.evaluate_from + protocol_.evaluate, evaluation_.size());
  if (answers_.empty()) {
    HT_ASSIGN(auto plain, program_of(model_, false));
    Executor reference(std::move(plain));
    for (size_t i = protocol_.evaluate_from; i < end; ++i) {
      HT_ASSIGN(const RunResult result, reference.run(feeds(evaluation_, i)));
      const auto values = result.outputs[0].second.data<float>();
      answers_.emplace_back(values.begin(), values.end());
    }
  }
  Tally tally;
  for (size_t i = protocol_.evaluate_from; i < end; ++i) {
    HT_ASSIGN(const RunResult result, integer.run(feeds(evaluation_, i)));
    tally.add(answers_[i - protocol_.evaluate_from], result.outputs[0].second.data<float>(), evaluation_.labels[i]);
  }
  accuracy.sqnr_db = 10 * std::log10(tally.signal / tally.noise);
  accuracy.agree = tally.percent(tally.agree);
  accuracy.top1_float = tally.percent(tally.right_float);
  accuracy.top1 = tally.percent(tally.right);
  const Json::Array& steps = outcome.report.find("steps")->as_array();
  accuracy.bytes_before = static_cast<int64_t>(steps.front().find("bytes_before")->as_number());
  accuracy.bytes = static_cast<int64_t>(steps.back().find("bytes_after")->as_number());
  accuracy.report = std::move(outcome.report);
  return accuracy;
}

}  // namespace halftone::testing
