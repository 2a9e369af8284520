// One look for each value, whatever is wanted of it.
#include "core/passes/equalize/watch.h"

#include <algorithm>
#include <cmath>

#include "core/kernels/reduce/channels.h"

namespace halftone {

Result<ChannelWatch> ChannelWatch::create(const Model& model, const ChannelMap& map,
                                          const std::vector<ValueId>& extremes, const std::vector<ValueId>& moments) {
  ChannelWatch watch;
  watch.extremes_.resize(model.graph.values.size());
  const auto look = [&](ValueId id) -> Look& {
    const auto at = std::find_if(watch.looks_.begin(), watch.looks_.end(), [&](const Look& l) { return l.id == id; });
    if (at != watch.looks_.end()) return *at;
    return watch.looks_.emplace_back(Look{id, map.axis(id), map.channels(id)});
  };
  for (ValueId id : extremes) {
    look(id).extremes = true;
    const auto channels = static_cast<size_t>(map.channels(id));
    watch.extremes_[static_cast<size_t>(id)] = {std::vector<float>(channels), std::vector<float>(channels)};
  }
  for (ValueId id : moments) {
    Look& one = look(id);
    one.moments = true;
    one.sums.assign(static_cast<size_t>(one.channels), 0.0);
    one.squares = one.sums;
  }
  std::vector<std::string> names;
  for (const Look& one : watch.looks_) names.push_back(model.graph.value(one.id).name);
  HT_ASSIGN(watch.runner_, TapRunner::create(model, std::move(names)));
  return watch;
}

Status ChannelWatch::observe(const Feeds& feeds) {
  return runner_.run(feeds, [this](size_t i, const View& value, bool channels_last) {
    add(looks_[i], value, channels_last);
    return ok_status();
  });
}

void ChannelWatch::add(Look& look, const View& value, bool channels_last) {
  int64_t axis = look.axis;
  if (channels_last && axis > 0) axis = axis == 1 ? value.rank() - 1 : axis - 1;
  int64_t inner = 1;
  for (int64_t d = axis + 1; d < value.rank(); ++d) inner *= value.dims[static_cast<size_t>(d)];
  const int64_t outer = value.size() == 0 ? 0 : value.size() / (look.channels * inner);
  const float* x = value.as<float>();
  if (look.extremes) {
    Extremes& seen = extremes_[static_cast<size_t>(look.id)];
    add_extremes(x, outer, look.channels, inner, seen.low.data(), seen.high.data());
  }
  if (!look.moments) return;
  add_sums(x, outer, look.channels, inner, look.sums.data());
  add_square_sums(x, outer, look.channels, inner, look.squares.data());
  look.count += static_cast<double>(outer * inner);
}

std::vector<ChannelMoments> ChannelWatch::moments() const {
  std::vector<ChannelMoments> all(extremes_.size());
  for (const Look& look : looks_) {
    ChannelMoments& one = all[static_cast<size_t>(look.id)];
    for (size_t c = 0; look.count > 0 && c < look.sums.size(); ++c) {
      const double mean = look.sums[c] / look.count;
      one.mean.push_back(mean);
      one.deviation.push_back(std::sqrt(std::max(0.0, look.squares[c] / look.count - mean * mean)));
    }
  }
  return all;
}

}  // namespace halftone
