// Numbers over pairs of tensors.
#include "core/session/layer_facts.h"

#include <algorithm>
#include <cmath>

#include "core/stats/distortion.h"

namespace halftone {
namespace {

constexpr int64_t kMostChannels = 4096;

struct ChannelSums {
  double xx = 0, yy = 0, xy = 0, noise = 0, most = 0;
};

// By channel: SQNR, cosine and the largest error.
void add_channel_facts(const Dims& dims, const std::vector<float>& x, const std::vector<float>& y, Json& facts) {
  const size_t axis = dims.size() >= 4 ? 1 : dims.size() - 1;
  const int64_t channels = dims[axis];
  if (channels < 2 || channels > kMostChannels || x.empty()) return;
  size_t inner = 1;
  for (size_t i = axis + 1; i < dims.size(); ++i) inner *= static_cast<size_t>(dims[i]);
  std::vector<ChannelSums> sums(static_cast<size_t>(channels));
  for (size_t begin = 0, c = 0; begin < x.size(); begin += inner, c = c + 1 < sums.size() ? c + 1 : 0) {
    ChannelSums& s = sums[c];
    for (size_t i = begin; i < begin + inner; ++i) {
      const double a = x[i], b = y[i], d = a - b;
      s.xx += a * a;
      s.yy += b * b;
      s.xy += a * b;
      s.noise += d * d;
      s.most = std::max(s.most, std::fabs(d));
    }
  }
  Json sqnrs = Json::array(), cosines = Json::array(), most = Json::array();
  for (const ChannelSums& s : sums) {
    sqnrs.push(sqnr_json(10 * std::log10(s.xx / s.noise)));
    cosines.push(s.xx > 0 && s.yy > 0 ? s.xy / std::sqrt(s.xx * s.yy) : s.xx == s.yy ? 1.0 : 0.0);
    most.push(s.most);
  }
  facts.set("channelSqnr", std::move(sqnrs));
  facts.set("channelCosine", std::move(cosines));
  facts.set("channelMaxError", std::move(most));
}

void add_range_facts(const std::vector<float>& x, Range reach, Json& facts) {
  if (x.empty()) return;
  size_t beyond = 0;
  for (const float v : x) beyond += v < reach.low || v > reach.high;
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  const double used = static_cast<double>(std::min(*high, reach.high)) - std::max(*low, reach.low);
  facts.set("clipped", static_cast<double>(beyond) / static_cast<double>(x.size()));
  facts.set("dead", 1 - std::clamp(used / (static_cast<double>(reach.high) - reach.low), 0.0, 1.0));
}

}  // namespace

Json sqnr_json(double sqnr_db) { return std::isfinite(sqnr_db) ? Json(std::round(sqnr_db * 100) / 100) : Json(); }

Result<Json> layer_facts(const std::string& name, const std::string& op, const Tensor& reference, const Tensor& other,
                         const std::optional<Range>& reach) {
  if (reference.dims() != other.dims()) {
    return Error{ErrorCode::kInvalidArgument,
                 "\"" + name + "\" is " + to_string(reference.dims()) + " in one model and " + to_string(other.dims()) +
                     " in the other.",
                 name, "Compare a model with one that a recipe made from it."};
  }
  HT_ASSIGN(const std::vector<float> x, to_floats(reference));
  HT_ASSIGN(const std::vector<float> y, to_floats(other));
  const Distortion d = distortion(x, y);
  Json facts = Json::Object{{"name", name},
                            {"op", op},
                            {"elements", reference.size()},
                            {"sqnr", std::isfinite(d.sqnr_db) ? Json(d.sqnr_db) : Json()},
                            {"cosine", d.cosine},
                            {"maxAbsError", d.max_abs}};
  if (!reference.dims().empty()) add_channel_facts(reference.dims(), x, y, facts);
  if (reach) add_range_facts(x, *reach, facts);
  return facts;
}

}  // namespace halftone
