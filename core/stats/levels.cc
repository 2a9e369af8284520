// Levels of the four fixed families.
#include "core/stats/levels.h"

#include <algorithm>
#include <cmath>

#include "core/base/check.h"

namespace halftone {
namespace {

// The magnitudes with both signs and 0, scaled to 1.
std::vector<float> both_signs(const std::vector<double>& magnitudes) {
  const double largest = *std::max_element(magnitudes.begin(), magnitudes.end());
  std::vector<float> levels = {0};
  for (const double m : magnitudes) {
    if (m == 0) continue;
    levels.push_back(static_cast<float>(m / largest));
    levels.push_back(static_cast<float>(-m / largest));
  }
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

// x with P(N(0, 1) < x) = p, by bisection.
double normal_quantile(double p) {
  double low = -10, high = 10;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

std::vector<float> power_of_two_levels(int bits) {
  HT_CHECK(bits >= 2 && bits <= 8);
  std::vector<double> magnitudes;
  for (int i = 0; i < (1 << (bits - 1)) - 1; ++i) magnitudes.push_back(std::ldexp(1.0, -i));
  return both_signs(magnitudes);
}

// One bit is the sign. Of the others, each two choose one of a term's three powers or none, and one that is left over
// chooses a single power. Exponents go round: 1, 2, 3 ... to one term after the other, the single one in the last
// round.
std::vector<float> additive_power_of_two_levels(int bits) {
  HT_CHECK(bits >= 2 && bits <= 8);
  const int terms = (bits - 1) / 2, rounds = 3;
  const bool odd = (bits - 1) % 2 != 0;
  std::vector<std::vector<double>> powers(static_cast<size_t>(terms + (odd ? 1 : 0)), {0.0});
  int exponent = 0;
  for (int round = 0; round < rounds; ++round) {
    if (odd && round == rounds - 1) powers.back().push_back(std::ldexp(1.0, -++exponent));
    for (int t = 0; t < terms; ++t) powers[static_cast<size_t>(t)].push_back(std::ldexp(1.0, -++exponent));
  }
  std::vector<double> sums = {0};
  for (const std::vector<double>& term : powers) {
    std::vector<double> next;
    for (const double sum : sums) {
      for (const double power : term) next.push_back(sum + power);
    }
    sums = std::move(next);
  }
  return both_signs(sums);
}

std::vector<float> piecewise_linear_levels(int bits, double breakpoint) {
  HT_CHECK(bits >= 2 && bits <= 8 && breakpoint > 0 && breakpoint < 1);
  const int inner = 1 << (bits - 1), outer = 1 << (bits - 2);
  std::vector<float> levels;
  for (int i = 0; i < inner; ++i) levels.push_back(static_cast<float>(breakpoint * (2.0 * i / (inner - 1) - 1)));
  for (int i = 1; i <= outer; ++i) {
    const double level = breakpoint + (1 - breakpoint) * i / outer;
    levels.push_back(static_cast<float>(level));
    levels.push_back(static_cast<float>(-level));
  }
  std::sort(levels.begin(), levels.end());
  return levels;
}

// As bitsandbytes makes NF4: quantiles even in probability up to `edge`, one more on the positive side, and 0.
std::vector<float> normal_float_levels(int bits) {
  HT_CHECK(bits >= 2 && bits <= 8);
  const int half = 1 << (bits - 1);
  const double n = 1 << bits, edge = 0.5 * ((1 - 1 / (2 * n)) + (1 - 1 / (2 * (n - 1))));
  const double top = normal_quantile(edge);
  std::vector<float> levels = {0};
  const auto add = [&](int i, int of, double sign) {
    levels.push_back(static_cast<float>(sign * normal_quantile(edge + (0.5 - edge) * i / of) / top));
  };
  for (int i = 0; i < half; ++i) add(i, half, 1);
  for (int i = 0; i < half - 1; ++i) add(i, half - 1, -1);
  std::sort(levels.begin(), levels.end());
  return levels;
}

}  // namespace halftone
