// One rewrite alone on a small graph, and the themes that such cases come in. rewrites_test.cc runs them all.
#pragma once

#include <string>
#include <vector>

#include "tests/core/compile/make.h"

namespace halftone::testing {

struct RewriteCase {
  std::string name;
  std::string rule;
  Model model;
  std::string before, after;  // operators without any rewrite, and with this one
  float tolerance = 0;        // relative to the largest output
};

// x [1, 3, 6, 6], and weight w and bias b of four filters of 3 x 3.
inline Make conv(int64_t opset = 13) {
  return Make(opset).input("x", {1, 3, 6, 6}).floats("w", {4, 3, 3, 3}).floats("b", {4});
}

// fold_cases.cc
std::vector<RewriteCase> identity_cases();
std::vector<RewriteCase> type_cases();
std::vector<RewriteCase> fold_cases();
// conv_cases.cc
std::vector<RewriteCase> pad_cases();
std::vector<RewriteCase> batchnorm_cases();
// activation_cases.cc
std::vector<RewriteCase> bias_cases();
std::vector<RewriteCase> activation_cases();
// quantized_cases.cc
std::vector<RewriteCase> quantized_cases();
// blocked_matmul_test.cc
std::vector<RewriteCase> blocked_cases();
// layout_test.cc
std::vector<RewriteCase> layout_cases();
// chain_cases.cc
std::vector<RewriteCase> chain_cases();

}  // namespace halftone::testing
