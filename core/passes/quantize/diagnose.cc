// Numbers behind the report's charts.
#include "core/passes/quantize/diagnose.h"

#include <algorithm>
#include <cmath>

#include "core/stats/range_search.h"

namespace halftone {
namespace {

constexpr size_t kBars = 128, kMostChannels = 4096;

Json rounded(double v) {
  if (v == 0 || !std::isfinite(v)) return std::isfinite(v) ? Json(0) : Json();
  const double unit = std::pow(10.0, std::floor(std::log10(std::fabs(v))) - 3);
  return std::round(v / unit) * unit;
}

Json rounded_list(const std::vector<float>& values) {
  Json::Array list;
  list.reserve(values.size());
  for (float v : values) list.push_back(rounded(v));
  return list;
}

double decibel(double signal, double noise) { return 10 * std::log10(signal / noise); }

// Neighbouring bins together, so that at most kBars are left.
Json histogram_json(const Sample& sample) {
  const size_t bins = sample.counts.size(), together = (bins + kBars - 1) / kBars;
  Json::Array counts;
  double sum = 0;
  for (size_t b = 0; b < bins; ++b) {
    sum += sample.counts[b];
    if ((b + 1) % together != 0 && b + 1 != bins) continue;
    counts.push_back(sum);
    sum = 0;
  }
  const double width = sample.edges[1] - sample.edges[0];
  const double end = sample.edges.front() + width * static_cast<double>(counts.size() * together);
  return Json::Object{{"low", sample.edges.front()}, {"high", end}, {"counts", std::move(counts)}};
}

// The share of a bin that lies beyond [low, high].
double share_beyond(double from, double to, Range reach) {
  const double inside = std::min<double>(to, reach.high) - std::max<double>(from, reach.low);
  return 1 - std::clamp(inside / (to - from), 0.0, 1.0);
}

}  // namespace

Json tensor_facts(const Observation& seen, const QuantParams& params, const Grid& grid) {
  const Range extremes = seen.extremes();
  const auto total = static_cast<double>(std::max<uint64_t>(1, seen.histogram().total()));
  Json facts = Json::Object{{"observed_low", extremes.low},
                            {"observed_high", extremes.high},
                            {"zeros", rounded(static_cast<double>(seen.histogram().zeros()) / total)}};
  const Sample sample = Sample::of(seen.histogram(), extremes);
  if (sample.counts.empty()) return facts;
  Range reach = covered(params, grid);  // and half a step more, which rounds to the outermost codes
  reach = {reach.low - params.scale[0] / 2, reach.high + params.scale[0] / 2};
  double signal = 0, clipped = 0;
  for (size_t b = 0; b < sample.counts.size(); ++b) {
    const double from = sample.edges[b], to = sample.edges[b + 1];
    signal += sample.counts[b] * (from * from + from * to + to * to) / 3;
    clipped += sample.counts[b] * share_beyond(from, to, reach);
  }
  const QuantError error = quant_error(sample, params, grid);
  // A bin may reach beyond the extremes; without values beyond the codes nothing is clipped.
  const bool any = extremes.low < reach.low || extremes.high > reach.high;
  facts.set("clipped", rounded(any ? clipped / total : 0));
  facts.set("sqnr", rounded(decibel(signal, error.rounding + error.saturation)));
  facts.set("histogram", histogram_json(sample));
  return facts;
}

Json weight_facts(const WeightFacts& facts) {
  Json::Array dead;
  for (size_t c = 0; c < facts.low.size(); ++c) {
    if (facts.low[c] == 0 && facts.high[c] == 0) dead.push_back(static_cast<int64_t>(c));
  }
  Json out = Json::Object{{"sqnr", rounded(facts.sqnr_db)}, {"dead", std::move(dead)}};
  if (facts.low.size() > kMostChannels) return out;
  out.set("channels", Json::Object{{"low", rounded_list(facts.low)},
                                   {"high", rounded_list(facts.high)},
                                   {"sqnr", rounded_list(facts.channel_sqnr_db)}});
  return out;
}

}  // namespace halftone
