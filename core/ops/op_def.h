// One row per operator: OpDef{name, schema, infer, run, quant, run_int8, cost}. A null hook means
// "cannot", and the planner, the quantizer, the capability table and the page all read that row.
// An operator family is a file that ends in its table of rows; registry.cc lists the tables.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/graph/graph.h"
#include "core/tensor/view.h"

namespace halftone {

// --- schema -----------------------------------------------------------------------------------
struct OpSchema {
  int min_inputs = 1, max_inputs = 1;  // -1: no limit
  int min_outputs = 1, max_outputs = 1;
};

// --- shape inference --------------------------------------------------------------------------
// What an operator may know when it infers: types and shapes of its inputs, and the contents of those
// inputs that are constants or were computed from shapes.
class InferContext {
 public:
  virtual ~InferContext() = default;
  virtual const Node& node() const = 0;
  virtual int64_t opset() const = 0;  // of the node's domain
  virtual bool has_input(size_t i) const = 0;
  virtual size_t input_count() const = 0;
  virtual DType dtype(size_t i) const = 0;  // kUndefined when unknown or absent
  virtual const SymShape& shape(size_t i) const = 0;
  // The input's elements when known; nullptr otherwise.
  virtual const Tensor* constant(size_t i) const = 0;
  // Integer contents of a 0-D or 1-D input, dim by dim, when at least symbolically known (so that
  // Shape -> Gather -> Concat -> Reshape keeps "batch"); nullopt otherwise.
  virtual std::optional<std::vector<Dim>> shape_contents(size_t i) const = 0;

  // Types and shapes of the outputs of the graph in this attribute, its inputs being these; empty where not known.
  struct Typed {
    DType dtype = DType::kUndefined;
    SymShape shape;
  };
  virtual Result<std::vector<Typed>> infer_subgraph(std::string_view, std::span<const Typed>) {
    return std::vector<Typed>();
  }

  virtual void set_output(size_t i, DType dtype, SymShape shape) = 0;
  // Symbolic integer contents of output i (rank 0 or 1), for operators that compute shapes.
  virtual void set_output_contents(size_t i, std::vector<Dim> contents) = 0;
};
// Errors are about the model: kInvalidModel with what does not fit; `where` is filled in by the caller.
using InferFn = Status (*)(InferContext&);

// --- running ----------------------------------------------------------------------------------
// Whatever an operator prepares once per program from its constants (packed weights, tables).
struct OpState {
  virtual ~OpState() = default;
};

class PrepareContext {
 public:
  virtual ~PrepareContext() = default;
  virtual const Node& node() const = 0;
  virtual int64_t opset() const = 0;
  virtual const Tensor* constant(size_t input) const = 0;       // nullptr: not constant
  virtual const QuantParams* input_quant(size_t i) const = 0;   // integer mode only
  virtual const QuantParams* output_quant(size_t i) const = 0;  // integer mode only
  virtual DType input_dtype(size_t i) const = 0;
  // What inference knows of the input's shape.
  virtual const SymShape& input_shape(size_t i) const = 0;
  // Of a constant input: the state holds its elements in this form, and run reads nothing of it but type and dims.
  virtual void keeps(size_t /*input*/, PackedForm) {}
};
// Returns nullptr when there is nothing to prepare.
using PrepareFn = Result<std::unique_ptr<OpState>> (*)(PrepareContext&);

// What an operator works out from types and sizes alone: a plan, the sizes of its outputs. A program keeps it from run
// to run (memo_of). One per type and operator.
struct Memo {
  virtual ~Memo() = default;
  bool known = false;  // whoever fills it in sets this
  const void* kind = nullptr;
  std::unique_ptr<Memo> next;
};

class RunContext {
 public:
  virtual ~RunContext() = default;
  virtual const Node& node() const = 0;
  virtual int64_t opset() const = 0;
  virtual bool has_input(size_t i) const = 0;
  virtual size_t input_count() const = 0;
  virtual size_t output_count() const = 0;
  virtual bool wants_output(size_t i) const = 0;
  virtual const View& input(size_t i) const = 0;
  // Storage for output i, decided by the runtime (arena or heap). Call once per wanted output, before
  // writing; the input views stay valid. Errors: kOutOfMemory.
  virtual Result<MutView> output(size_t i, DType dtype, std::span<const int64_t> dims) = 0;
  // Output i is input j's bytes under other dims (Reshape, Squeeze, Identity): no copy.
  virtual Status output_alias(size_t i, size_t j, std::span<const int64_t> dims) = 0;
  // Bytes that live until the operator returns, 64-byte aligned.
  virtual Result<void*> scratch(int64_t bytes) = 0;
  virtual const OpState* state() const = 0;
  virtual const QuantParams* input_quant(size_t i) const = 0;   // integer mode only
  virtual const QuantParams* output_quant(size_t i) const = 0;  // integer mode only
  // The first of what the operator left here when it last ran on inputs of the same types and sizes.
  virtual std::unique_ptr<Memo>& memos() { return memos_; }
  // Whether the input's elements are the same in every run.
  virtual bool is_constant(size_t) const { return false; }

  // For control flow, inside of a program only. Runs the graph in this attribute on its inputs by position (what it
  // takes from around the node is there already) and gives its outputs. Errors name the node inside.
  virtual Result<std::vector<Tensor>> run_subgraph(std::string_view, std::span<const Tensor>) {
    return Error{ErrorCode::kUnsupportedOperator, "A graph inside of a node runs in a program only.", "", ""};
  }
  // The input's bytes for longer than the operator runs: shared where that is possible.
  virtual Result<Tensor> take_input(size_t) {
    return Error{ErrorCode::kUnsupportedOperator, "An input can be kept in a program only.", "", ""};
  }
  // Output i is this tensor: no copy.
  virtual Status give_output(size_t, Tensor) {
    return Error{ErrorCode::kUnsupportedOperator, "A tensor can be handed over in a program only.", "", ""};
  }

 private:
  std::unique_ptr<Memo> memos_;
};

template <typename T>
inline constexpr char kMemoKind = 0;

// The operator's memo of type T (derived from Memo), a fresh one where there is none.
template <typename T>
T& memo_of(RunContext& ctx) {
  std::unique_ptr<Memo>* at = &ctx.memos();
  while (*at && (*at)->kind != &kMemoKind<T>) at = &(*at)->next;
  if (!*at) {
    *at = std::make_unique<T>();
    (*at)->kind = &kMemoKind<T>;
  }
  return static_cast<T&>(**at);
}
using RunFn = Status (*)(RunContext&);

// --- quantization -----------------------------------------------------------------------------
// What static quantization does around the operator.
enum class QuantKind : uint8_t {
  kNone,         // stays float
  kWeighted,     // activation x constant weight (+ bias): Conv, Gemm, MatMul
  kElementwise,  // every float input and output gets its own parameters: Add, Mul, Concat ...
  kPassThrough,  // moves elements only: output shares the first input's parameters: MaxPool, Reshape ...
  kFixedOutput,  // output range known: Sigmoid, Softmax
};

struct QuantRule {
  QuantKind kind = QuantKind::kNone;
  int weight_input = -1;                // kWeighted
  int bias_input = -1;                  // kWeighted; -1: none
  int weight_channel_axis = 0;          // output-channel axis of the weight; negative counts from the end
  bool open_weight = false;             // kWeighted: a weight that is no constant is quantized as an activation
  bool share_inputs = false;            // all inputs take the output's parameters (Concat)
  float fixed_low = 0, fixed_high = 1;  // kFixedOutput
  // Whether this particular node fits the rule (Gemm needs beta = 1 ...); null: always.
  bool (*applies)(const Graph&, const Node&) = nullptr;
  // Channel axis for this node where attributes decide it (Gemm's transB); null: weight_channel_axis.
  int (*channel_axis)(const Node&) = nullptr;
};

// --- cost -------------------------------------------------------------------------------------
struct Cost {
  int64_t macs = 0;   // multiply-accumulates
  int64_t flops = 0;  // other arithmetic, one per element touched
};
struct CostContext {
  const Node& node;
  std::span<const SymShape> inputs, outputs;  // as inferred; symbols count as 1
};
using CostFn = Cost (*)(const CostContext&);

struct OpDef {
  std::string_view name;
  std::string_view domain;  // "" is ai.onnx
  int since = 1;            // first opset version with these semantics
  int until = 1 << 20;      // last one
  OpSchema schema;
  InferFn infer = nullptr;
  RunFn run = nullptr;
  PrepareFn prepare = nullptr;
  QuantRule quant;
  RunFn run_int8 = nullptr;  // inputs and outputs are integers with QuantParams (DQ -> op -> Q lowered)
  PrepareFn prepare_int8 = nullptr;
  // Whether the integer kernel takes this node with these types and parameters; null: always.
  bool (*int8_applies)(const PrepareContext&) = nullptr;
  CostFn cost = nullptr;
};

// The row for (domain, name) at an opset version; nullptr: no such operator there.
const OpDef* find_op(std::string_view domain, std::string_view name, int64_t opset);
// All rows, for the capability table.
std::span<const std::span<const OpDef>> all_ops();

// Domain and names of operators that only compiled graphs hold.
inline constexpr std::string_view kInternalDomain = "halftone";
inline constexpr std::string_view kTableOp = "Table";

// Attribute that fusion puts on a node: output clamped to [lo, hi] before it is stored (floats{lo, hi}).
// Kernels of Conv, Gemm, MatMul, Add honour it, in float and in integer mode. Never written to a file.
inline constexpr std::string_view kClampAttr = "halftone.clamp";

// Attribute (int 1) that fusion puts on a float Conv with kChannelsLastAttr: input 3, of the output's shape, is added
// before the clamp. Never written to a file.
inline constexpr std::string_view kAddendAttr = "halftone.addend";

// Attribute (int 1) that integer lowering puts on a node: it takes and gives integers whose meaning is in
// Value::quant, and run_int8 runs it. Shape inference sees such values as float. Never written to a file.
inline constexpr std::string_view kIntegerAttr = "halftone.integer";

// Attribute (int 1) that the layout rewrite puts on a node with a channel axis (Conv, pools, Resize): input 0 and
// output 0 are [N, spatial..., C] instead of [N, C, spatial...]. Every other input and attribute keeps its meaning
// (weights [filters, C / group, kernel...], kernel_shape, pads by spatial axis). Shape inference honours it. Never
// written to a file.
inline constexpr std::string_view kChannelsLastAttr = "halftone.channels_last";

}  // namespace halftone
