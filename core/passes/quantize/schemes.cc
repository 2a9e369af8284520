// Exceptions to the recipe's choices: their validation and what they change.
#include "core/passes/quantize/schemes.h"

#include <algorithm>
#include <cfloat>

#include "core/passes/suggest.h"

namespace halftone {
namespace {

constexpr ParamSpec kFields[] = {
    {.name = "where",
     .kind = ParamKind::kString,
     .label = "Node or tensor",
     .help = "The name of a node, of a tensor between nodes, or of a weight.",
     .list_of = "places",
     .required = true},
    {.name = "keep_float", .kind = ParamKind::kBool, .label = "Stays float", .help = "The node is not quantized."},
    {.name = "activation_bits",
     .kind = ParamKind::kInt,
     .label = "Activation bits",
     .help = "Width of this tensor, or of what this node makes.",
     .low = 2,
     .high = 16},
    {.name = "activation_symmetric",
     .kind = ParamKind::kBool,
     .label = "Symmetric activations",
     .help = "Centre this tensor's range on zero."},
    {.name = "activation_observer",
     .kind = ParamKind::kChoice,
     .label = "Activation range from",
     .help = "How this tensor's values become a range."},
    {.name = "weight_bits",
     .kind = ParamKind::kInt,
     .label = "Weight bits",
     .help = "Width of this node's weight.",
     .low = 2,
     .high = 16},
    {.name = "weight_symmetric",
     .kind = ParamKind::kBool,
     .label = "Symmetric weights",
     .help = "Centre this weight's range on zero."},
    {.name = "weight_observer",
     .kind = ParamKind::kChoice,
     .label = "Weight range from",
     .help = "How this weight's scales are found."},
    {.name = "per_channel",
     .kind = ParamKind::kBool,
     .label = "One scale per channel",
     .help = "Each output channel of this weight gets its own scale."},
    {.name = "block_size",
     .kind = ParamKind::kInt,
     .label = "Weight block",
     .help = "So many neighbouring input channels of this weight share a scale; 0: no blocks.",
     .low = 0,
     .high = 65536},
    {.name = "weight_range",
     .kind = ParamKind::kFloat,
     .label = "Weight range times",
     .help = "The ranges of this node's weight shrink (below 1) or grow; what is beyond them is clipped.",
     .low = 0.05,
     .high = 20},
    {.name = "low",
     .kind = ParamKind::kFloat,
     .label = "Lowest value",
     .help = "With `high`: the range of this tensor, whatever was measured. A weight is clipped to it.",
     .low = -FLT_MAX,
     .high = FLT_MAX},
    {.name = "high",
     .kind = ParamKind::kFloat,
     .label = "Highest value",
     .help = "The other end of the range.",
     .low = -FLT_MAX,
     .high = FLT_MAX},
};

constexpr std::string_view kLabelArrow = " -> ";  // of node_label()

template <typename T>
std::optional<T> number(const Json& entry, std::string_view key) {
  const Json* value = entry.find(key);
  if (value == nullptr) return std::nullopt;
  return static_cast<T>(value->as_number());
}

std::optional<bool> flag(const Json& entry, std::string_view key) {
  const Json* value = entry.find(key);
  if (value == nullptr) return std::nullopt;
  return value->as_bool();
}

std::optional<std::string> text(const Json& entry, std::string_view key) {
  const Json* value = entry.find(key);
  if (value == nullptr) return std::nullopt;
  return value->as_string();
}

Override read_override(const Json& entry) {
  Override out;
  out.where = entry.find("where")->as_string();
  out.keep_float = flag(entry, "keep_float").value_or(false);
  out.activation_bits = number<int>(entry, "activation_bits");
  out.weight_bits = number<int>(entry, "weight_bits");
  out.activation_symmetric = flag(entry, "activation_symmetric");
  out.weight_symmetric = flag(entry, "weight_symmetric");
  out.per_channel = flag(entry, "per_channel");
  out.activation_observer = text(entry, "activation_observer");
  out.weight_observer = text(entry, "weight_observer");
  out.block_size = number<int64_t>(entry, "block_size");
  out.weight_range = number<double>(entry, "weight_range");
  if (const auto low = number<float>(entry, "low"), high = number<float>(entry, "high"); low && high) {
    out.range = Range{*low, *high};
  }
  return out;
}

bool known(std::span<const std::string_view> names, std::string_view name) {
  for (const std::string_view one : names) {
    if (one == name) return true;
  }
  return false;
}

// What is wrong with an entry: {key, message, hint}; an empty message: nothing.
struct Complaint {
  std::string key, message, hint;
};

Complaint complaint(const Json& entry, const Override& one, const Graph& graph, std::span<const std::string_view> nodes,
                    std::span<const std::string_view> tensors) {
  const std::string_view where = one.where;
  const bool is_tensor = known(tensors, where);
  // A node without a name is called after what it makes, which is another value once its neighbours are folded into it.
  const size_t arrow = where.find(kLabelArrow);
  const bool made = arrow != where.npos && known(tensors, where.substr(arrow + kLabelArrow.size()));
  if (!is_tensor && !made && !known(nodes, where)) {
    std::vector<std::string_view> all(nodes.begin(), nodes.end());
    all.insert(all.end(), tensors.begin(), tensors.end());
    return {"where", "The model has no node and no tensor \"" + one.where + "\"", suggest(one.where, all, 8)};
  }
  if (entry.as_object().size() == 1)
    return {"where", "The entry changes nothing", "Add for example \"weight_bits\": 4."};
  const bool low = entry.find("low") != nullptr, high = entry.find("high") != nullptr;
  if (low != high) return {low ? "high" : "low", "A range needs both ends", "Give \"low\" and \"high\"."};
  if (!low) return {};
  if (!(one.range->low < one.range->high)) return {"low", "The range is empty", "Give a low end below the high end."};
  if (!is_tensor)
    return {"where", "A range belongs to a tensor, and this is a node", "Name what it makes: " + [&] {
              std::string names;
              for (const Node& node : graph.nodes) {
                if (node_label(graph, node) != one.where) continue;
                for (ValueId id : node.outputs) names += id == kNoValue ? "" : "\"" + graph.value(id).name + "\" ";
              }
              return names;
            }()};
  return {};
}

bool any_of(std::span<const std::string> names, std::string_view where) {
  return std::find(names.begin(), names.end(), where) != names.end();
}

}  // namespace

std::span<const std::string_view> activation_observers() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> list(observer_names().begin(), observer_names().end());
    list.push_back(kBatchNorm);
    return list;
  }();
  return names;
}

std::span<const ParamSpec> override_fields() {
  static const std::vector<ParamSpec> fields = [] {
    std::vector<ParamSpec> list(std::begin(kFields), std::end(kFields));
    for (ParamSpec& field : list) {
      if (field.name == "activation_observer") field.choices = activation_observers();
      if (field.name == "weight_observer") field.choices = weight_observer_names();
    }
    return list;
  }();
  return fields;
}

Result<std::vector<Override>> read_overrides(const std::vector<Json>& entries, const Graph& graph) {
  std::vector<Override> overrides;
  if (entries.empty()) return overrides;
  std::vector<std::string> labels;
  for (const Node& node : graph.nodes) labels.push_back(node_label(graph, node));
  const std::vector<std::string_view> nodes(labels.begin(), labels.end());
  std::vector<std::string_view> tensors;
  for (const Value& value : graph.values) tensors.push_back(value.name);
  for (size_t i = 0; i < entries.size(); ++i) {
    overrides.push_back(read_override(entries[i]));
    Complaint wrong = complaint(entries[i], overrides.back(), graph, nodes, tensors);
    if (wrong.message.empty()) continue;
    return Error{ErrorCode::kInvalidRecipe, std::move(wrong.message),
                 "quantize_static.overrides[" + std::to_string(i) + "]." + wrong.key, std::move(wrong.hint)};
  }
  return overrides;
}

ActivationScheme activation_scheme(ActivationScheme common, const std::vector<Override>& overrides,
                                   std::span<const std::string> names) {
  int bits = 0;
  for (const Override& one : overrides) {
    if (!any_of(names, one.where)) continue;
    if (one.activation_bits) bits = std::max(bits, *one.activation_bits);
    if (one.activation_symmetric) common.grid.symmetric = common.grid.restricted = *one.activation_symmetric;
    if (one.activation_observer) common.observer = *one.activation_observer;
  }
  if (bits > 0) common.grid.bits = bits;
  return common;
}

void WeightScheme::set_bits(int bits) { grid.bits = std::max(2, bits - reduce_range); }
void WeightScheme::set_symmetric(bool symmetric) {
  grid.symmetric = symmetric;
  grid.restricted = symmetric && !full_range;
}

void WeightScheme::apply(const Override& exception) {
  if (exception.weight_bits) set_bits(*exception.weight_bits);
  if (exception.weight_symmetric) set_symmetric(*exception.weight_symmetric);
  if (exception.weight_observer) observer = *exception.weight_observer;
  if (exception.per_channel) per_channel = *exception.per_channel;
  if (exception.per_channel == false) block_size = 0;  // one scale for all of it
  if (exception.block_size) block_size = *exception.block_size;
  if (exception.weight_range) range = *exception.weight_range;
}

WeightScheme weight_scheme(WeightScheme common, const std::vector<Override>& overrides, std::string_view node,
                           std::string_view weight) {
  for (const Override& one : overrides) {
    if (one.where == node || one.where == weight) common.apply(one);
  }
  return common;
}

std::optional<Range> given_range(const std::vector<Override>& overrides, std::span<const std::string> names) {
  std::optional<Range> range;
  for (const Override& one : overrides) {
    if (one.range && any_of(names, one.where)) range = one.range;
  }
  return range;
}

int64_t opset_for(DType type, bool per_channel) {
  const int bits = dtype_info(type).bits;
  if (bits == 2) return 25;
  if (bits != 8) return 21;
  return per_channel ? 13 : 10;
}

}  // namespace halftone
