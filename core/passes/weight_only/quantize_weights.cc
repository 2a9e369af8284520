// Finds the weights, watches their inputs where GPTQ asks for that, encodes and stores them one after the other.
#include "core/passes/weight_only/quantize_weights.h"

#include <algorithm>
#include <array>

#include "core/passes/weight_only/gptq.h"
#include "core/passes/weight_only/store_codes.h"
#include "core/passes/weight_only/weight_params.h"

namespace halftone {
namespace {

constexpr std::string_view kPass = "quantize_weights";
constexpr std::array<std::string_view, 4> kMethods = {"rtn", "mse", "hqq", "gptq"};
constexpr std::array<std::string_view, 2> kForms = {"dequantize_linear", "matmul_nbits"};
// Sums of inputs that may be in memory at once; one layer alone may have four times as much.
constexpr int64_t kBudget = int64_t{256} << 20;

struct Options {
  int bits = 4;
  bool symmetric = true;
  Granularity granularity = Granularity::kBlock;
  int64_t block_size = 128;
  bool nbits = false;
  std::string method = "rtn";
  GptqOptions gptq;
  NodeSelection selection;

  FitMethod fit(bool real_zeros) const {
    if (method == "rtn") return FitMethod::kNearest;
    if (method != "hqq") return FitMethod::kLeastSquares;
    return real_zeros && !symmetric ? FitMethod::kHalfQuadraticReal : FitMethod::kHalfQuadratic;
  }
};

struct Layer {
  WeightOf weight;
  WeightGroups groups = {};
  int sweep = -1;  // of GPTQ; -1: needs no data
  LayerInput input = {};
  GroupedCodes codes = {};
};

class QuantizeWeights final : public PassRun {
 public:
  QuantizeWeights(Model model, Options options)
      : model_(std::move(model)), options_(std::move(options)), report_(model_.graph) {
    grid_ = make_grid({.bits = options_.bits, .is_signed = options_.symmetric, .symmetric = options_.symmetric});
  }

  Status plan() {
    if (!options_.selection.op_types.empty()) report_.may_be_idle();
    HT_ASSIGN(const std::vector<WeightOf> weights,
              find_weights(model_, options_.selection, report_, [this](const WeightOf& w) {
                const WeightGroups groups = this->groups(w.form);
                return nbits(w, groups) ? 0 : opset_for_codes(stored_type(w, groups), needs_blocks(w.form, groups));
              }));
    for (const WeightOf& weight : weights) layers_.push_back({.weight = weight, .groups = groups(weight.form)});
    return options_.method == "gptq" ? plan_sweeps() : ok_status();
  }

  int sweeps() const override { return sweeps_; }

  Status observe(int sweep, const Feeds& feeds) override {
    if (!watcher_) {
      std::vector<LayerInput*> inputs;
      for (Layer& layer : layers_) {
        if (layer.sweep == sweep) inputs.push_back(&layer.input);
      }
      HT_ASSIGN(InputWatcher watcher, InputWatcher::create(model_, std::move(inputs)));
      watcher_ = std::make_unique<InputWatcher>(std::move(watcher));
    }
    return watcher_->observe(feeds);
  }

  Status end_sweep(int sweep) override {
    watcher_.reset();
    for (Layer& layer : layers_) {
      if (layer.sweep != sweep) continue;
      const Tensor& weight = model_.graph.value(layer.weight.id).constant;
      HT_ASSIGN(layer.codes, gptq(matrix_of(weight, layer.weight.form), layer.weight.form, layer.groups, grid_,
                                  options_.gptq, layer.input));
    }
    return ok_status();
  }

  Result<PassOutcome> finish(const ProgressFn& progress) override {
    NewNodes made(model_.graph);
    int64_t done = 0;
    for (Layer& layer : layers_) {
      if (progress && !progress("quantize", done++, static_cast<int64_t>(layers_.size()))) {
        return Error{ErrorCode::kCancelled, "Cancelled", "", ""};
      }
      HT_TRY(store(layer, made));
    }
    put_first(model_.graph, made);
    compact(model_.graph);
    return PassOutcome{std::move(model_), report_.json(kPass)};
  }

 private:
  WeightGroups groups(const MatrixForm& form) const {
    return groups_of(form, options_.granularity, options_.block_size);
  }

  bool nbits(const WeightOf& weight, const WeightGroups& groups) const {
    return options_.nbits && takes_nbits(model_.graph, weight, dtype_info(grid_.dtype).bits, groups);
  }

  // onnxruntime (1.30) makes MatMulNBits of MatMul and misreads rows of 2-bit codes then that end within a byte.
  DType stored_type(const WeightOf& weight, const WeightGroups& groups) const {
    const bool misread =
        dtype_info(grid_.dtype).bits == 2 && weight.form.rows % 4 != 0 && takes_nbits(model_.graph, weight, 2, groups);
    if (!misread) return grid_.dtype;
    return grid_.dtype == DType::kInt2 ? DType::kInt4 : DType::kUint4;
  }

  // As many layers to a sweep as the budget holds.
  Status plan_sweeps() {
    int64_t used = 0;
    for (Layer& layer : layers_) {
      const Node& node = model_.graph.nodes[layer.weight.readers.front().node];
      if (node.op_type == "Gather") continue;
      Result<LayerInput> input = layer_input(model_.graph, layer.weight);
      if (!input.ok()) {
        report_.warn(input.error().message, input.error().where, "Its scales have the least squared error instead.");
        continue;
      }
      layer.input = std::move(*input);
      const int64_t bytes = layer.input.bytes();
      if (bytes > 4 * kBudget) {
        return Error{ErrorCode::kOutOfMemory,
                     "GPTQ would need " + std::to_string(bytes >> 20) + " MB for the inputs of this layer",
                     layer.input.label, "Exclude the node, or use another method."};
      }
      if (sweeps_ == 0 || used + bytes > kBudget) {
        ++sweeps_;
        used = 0;
      }
      used += bytes;
      layer.sweep = sweeps_ - 1;
    }
    return ok_status();
  }

  Status store(Layer& layer, NewNodes& made) {
    Graph& graph = model_.graph;
    const WeightOf& weight = layer.weight;
    const Tensor before = graph.value(weight.id).constant;
    const std::vector<float> matrix = matrix_of(before, weight.form);
    const bool data = layer.sweep >= 0, packed = nbits(weight, layer.groups);
    if (!data) layer.codes = group_codes(matrix, weight.form, layer.groups, grid_, options_.fit(packed));
    WeightRecord record{.name = graph.value(weight.id).name,
                        .nodes = reader_labels(graph, weight),
                        .method = data || options_.method != "gptq" ? options_.method : "mse",
                        .form = {},
                        .elements = before.size(),
                        .bits = options_.bits,
                        .bytes_before = before.byte_size()};
    record.facts = facts_of(matrix, real_matrix(layer.codes, weight.form, layer.groups), weight.form);
    HT_ASSIGN(const StoredCodes stored, packed ? store_nbits(graph, made, weight, layer.groups, grid_, layer.codes)
                                               : store_dequantized(graph, made, weight, layer.groups,
                                                                   stored_type(weight, layer.groups), layer.codes));
    if (packed) model_.opset_imports["com.microsoft"] = 1;
    record.form = stored.form;
    record.bytes_after = stored.bytes;
    report_.weight(std::move(record));
    layer.codes = {};
    before.let_go();
    return ok_status();
  }

  Model model_;
  Options options_;
  Grid grid_;
  WeightReport report_;
  std::vector<Layer> layers_;
  std::unique_ptr<InputWatcher> watcher_;
  int sweeps_ = 0;
};

std::span<const ParamSpec> params_table() {
  static constexpr ParamSpec specs[] = {
      {.name = "bits",
       .kind = ParamKind::kInt,
       .label = "Bits",
       .help = "How many bits a weight has. 4 is a good start, 8 is nearly exact, 3 and 2 need GPTQ or HQQ.",
       .fallback = "4",
       .low = 2,
       .high = 8},
      {.name = "symmetric",
       .kind = ParamKind::kBool,
       .label = "Symmetric",
       .help = "Codes around zero, without zero points. Off: the codes reach from the lowest to the highest weight.",
       .fallback = "true"},
      scales_spec("\"block\"",
                  "A block of weights that are summed up together, an output channel, or the whole tensor."),
      block_size_spec("128", "Weights that share a scale. Smaller is more accurate and takes more bytes."),
      {.name = "form",
       .kind = ParamKind::kChoice,
       .label = "Stored as",
       .help = "Standard DequantizeLinear, or MatMulNBits of onnxruntime for MatMul (2, 4 and 8 bits).",
       .fallback = "\"dequantize_linear\"",
       .choices = kForms},
      {.name = "method",
       .kind = ParamKind::kChoice,
       .label = "Method",
       .help = "rtn: rounding. mse: the scale of least error. hqq: outliers left out of account. gptq: what one weight "
               "loses the others make up for, on calibration data.",
       .fallback = "\"rtn\"",
       .choices = kMethods},
      {.name = "act_order",
       .kind = ParamKind::kBool,
       .label = "Most active first",
       .help = "GPTQ rounds the weights of the strongest inputs first.",
       .fallback = "false"},
      kSelectOpTypes,
      kExcludeOpTypes,
      kSelectNodes,
      kExcludeNodes,
  };
  return specs;
}

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params& params, const PassContext&) {
  Options options;
  options.bits = static_cast<int>(params.integer("bits"));
  options.symmetric = params.flag("symmetric");
  options.granularity = read_granularity(params);
  options.block_size = params.integer("block_size");
  options.nbits = params.choice("form") == "matmul_nbits";
  options.method = params.choice("method");
  options.gptq.act_order = params.flag("act_order");
  HT_ASSIGN(options.selection, read_selection(kPass, params, weight_operators(), model.graph));
  HT_ASSIGN(Model prepared, prepare_weights(model, 0));
  auto run = std::make_unique<QuantizeWeights>(std::move(prepared), std::move(options));
  HT_TRY(run->plan());
  return std::unique_ptr<PassRun>(std::move(run));
}

}  // namespace

const PassDef& quantize_weights_pass() {
  static const PassDef def = {
      kPass,
      "Stores weights in 2 to 8 bits and computes in float: smaller files, hardly any loss at 4 bits and more.",
      params_table(),
      {.calibration = true, .only_param = "method", .only_choice = "gptq"},
      begin,
  };
  return def;
}

}  // namespace halftone
