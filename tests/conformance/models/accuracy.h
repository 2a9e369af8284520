// How accurate a recipe leaves a real model, by the protocols of models/DATASETS.md: calibrate on some images, compare
// float and integer runs on others. For tests and for `accuracy` (tests/bench/accuracy.cc).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/recipe/recipe.h"
#include "tests/conformance/models/data.h"

namespace halftone::testing {

struct Protocol {
  const char* name;
  const char* model;
  Images (*calibration)();  // null: calibrate on images of the evaluation's set
  size_t calibrate_from;    // 100 images
  Images (*evaluation)();
  size_t evaluate_from, evaluate;
  Preprocessing preprocessing;
};

std::span<const Protocol> protocols();
const Protocol& protocol(std::string_view name);  // CHECKs that there is one

struct Accuracy {
  double sqnr_db = 0;                          // over all outputs together
  double agree = 0, top1_float = 0, top1 = 0;  // percent
  double recipe_seconds = 0;
  int64_t bytes_before = 0, bytes = 0;
  Json report;
};

// The float model, its images and what it answers.
class Trial {
 public:
  explicit Trial(const Protocol& protocol);
  // recipe: JSON text. Errors: as the recipe's.
  Result<Accuracy> run(const std::string& recipe);

 private:
  Feeds feeds(const Images& images, size_t i) const;

  const Protocol& protocol_;
  Model model_;
  std::string input_;
  Images calibration_, evaluation_;
  std::vector<std::vector<float>> answers_;  // by evaluated image
};

}  // namespace halftone::testing
