// Classification metrics over labelled batches. Ties in the scores go to the lower class, as argmax does.
// Formula: F1 of a class = 2 TP / (2 TP + FP + FN); macro F1 is its mean over classes that occur as truth or
// prediction (scikit-learn's f1_score(average="macro")).
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/session/session.h"

namespace halftone {
namespace {

constexpr int64_t kMaxClasses = 20000;  // the confusion matrix is classes x classes

// Classes that score strictly higher, or equal with a lower index.
int64_t rank_of(const float* scores, int64_t classes, int64_t label) {
  const float own = scores[label];
  int64_t rank = 0;
  for (int64_t c = 0; c < classes; ++c) rank += scores[c] > own || (scores[c] == own && c < label);
  return rank;
}

Error bad_scores(const Tensor& scores) {
  return {ErrorCode::kInvalidInput,
          "The model's output " + to_string(scores.dims()) + " is not a score for each class.", "output",
          "Evaluation needs a classifier whose first output is [batch, classes]."};
}

}  // namespace

Status Evaluator::add(const Tensor& scores, const std::vector<int64_t>& labels) {
  Dims dims = scores.dims();
  while (dims.size() > 2 && dims.back() == 1) dims.pop_back();
  if (dims.size() == 1) dims.insert(dims.begin(), 1);
  if (dims.size() != 2 || dims[1] < 1 || dims[1] > kMaxClasses) return bad_scores(scores);
  const int64_t items = dims[0], classes = dims[1];
  if (classes_ != 0 && classes_ != classes) return bad_scores(scores);
  if (static_cast<int64_t>(labels.size()) != items) {
    return Error{ErrorCode::kInvalidInput,
                 "The batch has " + std::to_string(items) + " items but " + std::to_string(labels.size()) + " labels.",
                 "labels", "Give one class index for each item of the batch."};
  }
  for (int64_t label : labels) {
    if (label < 0 || label >= classes) {
      return Error{
          ErrorCode::kInvalidInput,
          "Label " + std::to_string(label) + " is outside the model's " + std::to_string(classes) + " classes.",
          "labels", "Labels count from 0; check that they belong to this model."};
    }
  }
  HT_ASSIGN(const std::vector<float> values, to_floats(scores));
  if (classes_ == 0) {
    classes_ = classes;
    confusion_.assign(static_cast<size_t>(classes * classes), 0);
  }
  for (int64_t i = 0; i < items; ++i) {
    const float* row = values.data() + i * classes;
    const int64_t label = labels[static_cast<size_t>(i)];
    const int64_t predicted = std::max_element(row, row + classes) - row;
    top1_ += predicted == label;
    top5_ += rank_of(row, classes, label) < 5;
    ++confusion_[static_cast<size_t>(label * classes + predicted)];
  }
  samples_ += items;
  return {};
}

Status Evaluator::add_run(Session& session, const Feeds& feeds, const std::vector<int64_t>& labels) {
  HT_ASSIGN(const RunResult result, session.run(feeds));
  if (result.outputs.empty()) return bad_scores(Tensor());
  return add(result.outputs.front().second, labels);
}

Json Evaluator::report() const {
  double f1_sum = 0;
  int64_t present = 0;
  for (int64_t c = 0; c < classes_; ++c) {
    int64_t truth = 0, predicted = 0;
    for (int64_t k = 0; k < classes_; ++k) {
      truth += confusion_[static_cast<size_t>(c * classes_ + k)];
      predicted += confusion_[static_cast<size_t>(k * classes_ + c)];
    }
    if (truth + predicted == 0) continue;
    ++present;
    f1_sum += 2.0 * static_cast<double>(confusion_[static_cast<size_t>(c * classes_ + c)]) /
              static_cast<double>(truth + predicted);
  }
  const double n = samples_ == 0 ? 1 : static_cast<double>(samples_);
  return Json::Object{{"samples", samples_},
                      {"accuracy", static_cast<double>(top1_) / n},
                      {"top5", static_cast<double>(top5_) / n},
                      {"macroF1", present == 0 ? 0 : f1_sum / static_cast<double>(present)}};
}

}  // namespace halftone
