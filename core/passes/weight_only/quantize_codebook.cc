// Finds the weights, codes and stores them one after the other.
#include "core/passes/weight_only/quantize_codebook.h"

#include <array>

#include "core/passes/weight_only/store_coded.h"
#include "core/passes/weight_only/store_codes.h"
#include "core/passes/weight_only/weight_params.h"

namespace halftone {
namespace {

constexpr std::string_view kPass = "quantize_codebook";
constexpr std::array<std::string_view, 5> kLevels = {"kmeans", "normal_float", "power_of_two", "additive_power_of_two",
                                                     "piecewise_linear"};

struct Options {
  CodebookChoice choice;
  Granularity granularity = Granularity::kChannel;
  int64_t block_size = 64;
  NodeSelection selection;
};

class QuantizeCodebook final : public PassRun {
 public:
  QuantizeCodebook(Model model, Options options) : model_(std::move(model)), options_(std::move(options)) {}

  Result<PassOutcome> finish(const ProgressFn& progress) override {
    Graph& graph = model_.graph;
    WeightReport report(graph);
    const std::vector<WeightOf> weights = weights_of(graph, options_.selection, report);
    NewNodes made(graph);
    int64_t done = 0;
    for (const WeightOf& weight : weights) {
      if (progress && !progress("quantize", done++, static_cast<int64_t>(weights.size()))) {
        return Error{ErrorCode::kCancelled, "Cancelled", "", ""};
      }
      HT_TRY(replace(weight, made, report));
    }
    put_first(graph, made);
    compact(graph);
    return PassOutcome{std::move(model_), report.json(kPass)};
  }

 private:
  Status replace(const WeightOf& weight, NewNodes& made, WeightReport& report) {
    Graph& graph = model_.graph;
    const Tensor before = graph.value(weight.id).constant;
    const std::vector<float> matrix = matrix_of(before, weight.form);
    const WeightGroups groups = dividing_groups(weight.form, options_.granularity, options_.block_size);
    warn_of(weight, groups, report);
    const CodedWeight coded = code_weight(matrix, weight.form, groups, options_.choice);
    const DType type = options_.choice.bits <= 4 ? DType::kUint4 : DType::kUint8;
    HT_ASSIGN(const int64_t bytes, store_coded(graph, made, weight, groups, coded, type));
    report.weight(
        {.name = graph.value(weight.id).name,
         .nodes = reader_labels(graph, weight),
         .method = options_.choice.levels,
         .form = std::string(coded.books.size() > 1 ? "gather_elements " : "gather ") + std::string(dtype_name(type)),
         .elements = before.size(),
         .bits = options_.choice.bits,
         .bytes_before = before.byte_size(),
         .bytes_after = bytes,
         .facts = facts_of(matrix, real_matrix(coded, weight.form, groups), weight.form)});
    before.let_go();
    return ok_status();
  }

  // Where the weight does not get what the recipe asks for.
  void warn_of(const WeightOf& weight, const WeightGroups& groups, WeightReport& report) const {
    const std::string& name = model_.graph.value(weight.id).name;
    if (groups.blocks == 1 && groups_of(weight.form, options_.granularity, options_.block_size).blocks > 1) {
      report.warn("Its rows do not divide into blocks: it has scales by channel", name,
                  "quantize_weights takes a shorter last block.");
    }
    if (options_.choice.book_per_channel && weight.form.rows > 1 && !reads_rows(weight.form)) {
      report.warn("Its channels cannot have levels of their own and share them", name, "");
    }
  }

  Model model_;
  Options options_;
};

std::span<const ParamSpec> params_table() {
  static constexpr ParamSpec specs[] = {
      {.name = "levels",
       .kind = ParamKind::kChoice,
       .label = "Levels",
       .help = "kmeans: where the weights are. normal_float: where normally distributed ones would be (NF4). "
               "power_of_two: 1, 1/2, 1/4 ... additive_power_of_two: sums of those. piecewise_linear: half of the "
               "levels for the many small weights.",
       .fallback = "\"kmeans\"",
       .choices = kLevels},
      {.name = "bits",
       .kind = ParamKind::kInt,
       .label = "Bits",
       .help = "2 to the power of this many levels. Up to 4, two codes share a byte.",
       .fallback = "4",
       .low = 2,
       .high = 8},
      scales_spec("\"channel\"",
                  "An output channel, a block of weights that are summed up together, or the whole tensor."),
      block_size_spec("64", "Weights that share a scale, at most. Smaller is more accurate and takes more bytes."),
      {.name = "book_per_channel",
       .kind = ParamKind::kBool,
       .label = "Levels per channel",
       .help = "k-means levels for each output channel instead of for the tensor; no scales then.",
       .fallback = "false"},
      {.name = "search",
       .kind = ParamKind::kBool,
       .label = "Search scales",
       .help = "The scale of least squared error, not the one that covers every weight.",
       .fallback = "true"},
      {.name = "seed",
       .kind = ParamKind::kInt,
       .label = "Seed",
       .help = "Where k-means starts: the same seed gives the same file.",
       .fallback = "0",
       .low = 0,
       .high = 4294967295.0},
      kSelectOpTypes,
      kExcludeOpTypes,
      kSelectNodes,
      kExcludeNodes,
  };
  return specs;
}

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params& params, const PassContext&) {
  Options options;
  options.choice.levels = params.choice("levels");
  options.choice.bits = static_cast<int>(params.integer("bits"));
  options.granularity = read_granularity(params);
  options.block_size = params.integer("block_size");
  options.choice.book_per_channel = params.flag("book_per_channel");
  if (options.choice.book_per_channel && options.choice.levels != "kmeans") {
    return Error{ErrorCode::kInvalidRecipe, "Only kmeans chooses levels per channel",
                 "quantize_codebook.book_per_channel", "Choose kmeans, or turn it off."};
  }
  options.choice.search = params.flag("search");
  options.choice.seed = static_cast<uint64_t>(params.integer("seed"));
  HT_ASSIGN(options.selection, read_selection(kPass, params, weight_operators(), model.graph));
  HT_ASSIGN(Model prepared, prepare_weights(model, options.choice.bits <= 4 ? 21 : 13));
  return std::unique_ptr<PassRun>(std::make_unique<QuantizeCodebook>(std::move(prepared), std::move(options)));
}

}  // namespace

const PassDef& quantize_codebook_pass() {
  static const PassDef def = {
      kPass,          "Stores weights as numbers of levels that lie where the weights are; computes in float.",
      params_table(), {},
      begin,
  };
  return def;
}

}  // namespace halftone
