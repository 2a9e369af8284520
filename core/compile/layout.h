// What the layout rules know: the two transposes between channels-first [N, C, spatial...] and channels-last
// [N, spatial..., C], and which operators work in either layout.
#pragma once

#include <optional>
#include <vector>

#include "core/compile/match.h"

namespace halftone {

enum class LayoutKind {
  kOpaque,       // the meaning of axes is fixed
  kChannelAxis,  // has a channel axis and honours kChannelsLastAttr
  kElementwise,  // any permutation of all operands commutes with it
  kAxis,         // the same once its attribute `axis` is permuted (Concat)
};
LayoutKind layout_kind(const Graph& graph, const Node& node);

std::vector<int64_t> to_channels_last(int64_t rank);  // perm of a Transpose
std::vector<int64_t> to_channels_first(int64_t rank);

// The channels-last value behind a channels-first one that a Transpose made from it; kNoValue: there is none.
ValueId channels_last_source(const RewriteContext& context, ValueId id);

// The value in channels-last order: its source, or a Transpose added for it. Ranks are known.
ValueId make_channels_last(RewriteContext& context, ValueId id);

// `node`'s output 0 becomes channels-last; a Transpose added behind it makes what it was before. The names that stood
// for the old value can be found at the new one (Value::stands_for_first).
void give_channels_last(RewriteContext& context, int32_t node);

}  // namespace halftone
