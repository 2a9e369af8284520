// Runs a Program step by step. Intermediate values have their places in one arena (run_plan.h), planned once for each
// set of input sizes, and a run allocates only what it hands out.
#include "core/runtime/executor.h"

#include <algorithm>
#include <chrono>
#include <unordered_map>

#include "core/runtime/buffers.h"
#include "core/runtime/channels_first.h"
#include "core/runtime/dequantize.h"
#include "core/runtime/feeds.h"
#include "core/runtime/step_run.h"

namespace halftone {
namespace {

constexpr size_t kMaxPlans = 8;  // input sizes remembered; one plan is a few numbers per value

// What a run starts from, in the order of the graph's inputs: tensors, then views of somebody else's values.
struct Inputs {
  std::span<const Tensor> tensors;
  std::span<const View> views;
  // A body's sizes may change with every pass of a loop: its first run with each rather takes memory as it comes.
  bool body = false;
};

void find_key(const Inputs& inputs, std::vector<int64_t>& key) {
  key.clear();
  const auto add = [&](const Dims& dims) {
    key.push_back(static_cast<int64_t>(dims.size()));
    key.insert(key.end(), dims.begin(), dims.end());
  };
  for (const Tensor& tensor : inputs.tensors) add(tensor.dims());
  for (const View& view : inputs.views) add(view.dims);
}

}  // namespace

struct Executor::Impl {
  // Taps of one run, by the value that answers them.
  struct Tap {
    std::string name;
    size_t index;  // in RunOptions::taps
    bool dequantize, channels_last;
  };
  using Taps = std::unordered_multimap<ValueId, Tap>;

  explicit Impl(const Program& p)
      : program(p), buffers(p), available(p.graph.values.size(), false), bodies(p.steps.size()) {
    for (size_t i = 0; i < available.size(); ++i) available[i] = p.graph.values[i].is_constant();
    for (ValueId id : p.graph.inputs) available[static_cast<size_t>(id)] = true;
    for (const Step& step : p.steps) {
      for (ValueId id : p.graph.nodes[static_cast<size_t>(step.node)].outputs) {
        if (id != kNoValue) available[static_cast<size_t>(id)] = true;
      }
    }
  }

  Result<Taps> find_taps(const std::vector<std::string>& names) const;
  Status give_tap(ValueId id, const Tap& tap, const TapFn& look, Feeds& taps) const;
  RunPlan& plan_for(const Inputs& inputs);
  void feed(const Inputs& inputs);
  Status run_step(size_t index);
  Status run_steps(const Inputs& inputs, const RunOptions& options, const Taps& taps, RunResult& result);
  Result<RunResult> run(const Inputs& inputs, const RunOptions& options, const Taps& taps);

  const Program& program;
  Buffers buffers;
  std::vector<bool> available;        // values that hold something at some point of a run
  std::vector<BodyExecutors> bodies;  // per step
  std::vector<RunPlan> plans;         // the last used first
  std::vector<Tensor> fed;            // of one run, in the order of the graph's inputs
  std::vector<int64_t> key;           // of one run
};

Result<Executor::Impl::Taps> Executor::Impl::find_taps(const std::vector<std::string>& names) const {
  Taps taps;
  for (const std::string& name : names) {
    const Alias alias = program.find(name);
    if (alias.value == kNoValue || !available[static_cast<size_t>(alias.value)]) {
      return Error{ErrorCode::kInvalidArgument, "The compiled program has no value '" + name + "' to hand back.", name,
                   "Compile with this name in `keep`, or tap another value."};
    }
    taps.emplace(alias.value, Tap{name, taps.size(), alias.dequantize, alias.channels_last});
  }
  return taps;
}

Status Executor::Impl::give_tap(ValueId id, const Tap& tap, const TapFn& look, Feeds& taps) const {
  const Value& value = program.graph.value(id);
  const View held = value.is_constant() ? value.constant.view() : buffers.view(id);
  if (look && !tap.dequantize) return look(tap.index, held, tap.channels_last);
  auto tensor = tap.dequantize ? dequantize(held, *value.quant) : buffers.take(id);
  if (!tensor.ok()) {
    tensor.error().where = tap.name;
    return std::move(tensor).error();
  }
  if (look) return look(tap.index, tensor->view(), tap.channels_last);
  if (tap.channels_last) {
    HT_ASSIGN(tensor, channels_first(tensor->view()));
  }
  taps.insert_or_assign(tap.name, *std::move(tensor));
  return ok_status();
}

RunPlan& Executor::Impl::plan_for(const Inputs& inputs) {
  find_key(inputs, key);
  const auto known = std::find_if(plans.begin(), plans.end(), [&](const RunPlan& p) { return p.key == key; });
  if (known != plans.end()) {
    std::rotate(plans.begin(), known, known + 1);
    return plans.front();
  }
  if (plans.size() == kMaxPlans) plans.pop_back();
  plans.insert(plans.begin(), start_plan(program, key));
  if (inputs.body) return plans.front();
  std::map<std::string, Dims, std::less<>> dims;
  for (size_t i = 0; i < inputs.tensors.size(); ++i) {
    dims.emplace(program.graph.value(program.graph.inputs[i]).name, inputs.tensors[i].dims());
  }
  foresee_buffers(program, dims, plans.front());
  return plans.front();
}

void Executor::Impl::feed(const Inputs& inputs) {
  const auto& ids = program.graph.inputs;
  for (size_t i = 0; i < inputs.tensors.size(); ++i) buffers.feed(ids[i], inputs.tensors[i]);
  for (size_t i = 0; i < inputs.views.size(); ++i) buffers.feed(ids[inputs.tensors.size() + i], inputs.views[i]);
}

Status Executor::Impl::run_step(size_t index) {
  const Step& step = program.steps[index];
  StepRun context(program, step, buffers, buffers.plan().memos[index], bodies[index]);
  Status done = step.integer ? step.op->run_int8(context) : step.op->run(context);
  buffers.scratch().reset();
  if (!done.ok()) {
    if (done.error().where.empty()) done.error().where = node_label(program.graph, context.node());
    return done;
  }
  for (ValueId id : context.node().outputs) {
    if (id == kNoValue || buffers.has(id)) continue;
    return Error{ErrorCode::kUnsupportedOperator,
                 std::string(step.op->name) + " does not compute its output '" + program.graph.value(id).name + "'.",
                 node_label(program.graph, context.node()), "This form of the operator is not supported."};
  }
  return done;
}

Status Executor::Impl::run_steps(const Inputs& inputs, const RunOptions& options, const Taps& taps, RunResult& result) {
  using Clock = std::chrono::steady_clock;
  const Graph& graph = program.graph;
  feed(inputs);
  result.outputs.reserve(graph.outputs.size());
  size_t left = taps.size();
  const auto give = [&](ValueId id, const Tap& tap) {
    --left;
    return give_tap(id, tap, options.look, result.taps);
  };
  for (const auto& [id, tap] : taps) {
    if (buffers.has(id)) HT_TRY(give(id, tap));
  }
  for (size_t s = 0; s < program.steps.size(); ++s) {
    const Step& step = program.steps[s];
    const Node& node = graph.nodes[static_cast<size_t>(step.node)];
    const auto start = options.profile ? Clock::now() : Clock::time_point();
    HT_TRY(run_step(s));
    if (options.profile) {
      const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
      result.profile.push_back({node_label(graph, node), node.op_type, step.integer, ms});
    }
    for (ValueId id : node.outputs) {
      const auto [begin, end] = taps.equal_range(id);
      for (auto it = begin; it != end; ++it) HT_TRY(give(id, it->second));
    }
    for (ValueId id : step.release) buffers.release(id);
    if (!options.outputs && left == 0) return ok_status();
  }
  if (!options.outputs) return ok_status();
  for (size_t i = 0; i < graph.outputs.size(); ++i) {
    HT_ASSIGN(Tensor tensor, buffers.take(graph.outputs[i]));
    result.outputs.emplace_back(program.output_names[i], std::move(tensor));
  }
  return ok_status();
}

Result<RunResult> Executor::Impl::run(const Inputs& inputs, const RunOptions& options, const Taps& taps) {
  RunPlan& plan = plan_for(inputs);
  RunResult result;
  Status done = buffers.begin(plan);
  if (done.ok()) done = run_steps(inputs, options, taps, result);
  buffers.end();
  if (!done.ok()) {
    if (!plan.settled) plans.erase(plans.begin());
    return std::move(done).error();
  }
  // A run that ends early has not noted all there is.
  if (options.outputs && !plan.settled && !settle_plan(program, plan).ok()) plans.erase(plans.begin());
  return result;
}

Executor::Executor(std::shared_ptr<const Program> program)
    : program_(std::move(program)), impl_(std::make_unique<Impl>(*program_)) {}

Executor::~Executor() = default;

Result<RunResult> Executor::run(const Feeds& feeds, const RunOptions& options) {
  const Graph& graph = program_->graph;
  HT_TRY(check_feeds(graph, feeds));
  HT_ASSIGN(const Impl::Taps taps, impl_->find_taps(options.taps));
  std::vector<Tensor>& fed = impl_->fed;
  for (ValueId id : graph.inputs) fed.push_back(feeds.find(graph.value(id).name)->second);
  auto result = impl_->run({fed, {}, false}, options, taps);
  fed.clear();
  return result;
}

Result<std::vector<Tensor>> Executor::run_body(std::span<const Tensor> inputs, std::span<const View> captures) {
  const Graph& graph = program_->graph;
  if (inputs.size() + captures.size() != graph.inputs.size()) {
    return Error{ErrorCode::kInvalidModel,
                 "The graph inside of the node takes " + std::to_string(graph.inputs.size() - captures.size()) +
                     " inputs, but gets " + std::to_string(inputs.size()) + ".",
                 "", ""};
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Value& value = graph.value(graph.inputs[i]);
    if (value.dtype == DType::kUndefined || value.dtype == inputs[i].dtype()) continue;
    return Error{ErrorCode::kInvalidModel,
                 "The input '" + value.name + "' of the graph inside of the node is " +
                     std::string(dtype_name(value.dtype)) + ", but gets " + std::string(dtype_name(inputs[i].dtype())) +
                     ".",
                 "", ""};
  }
  HT_ASSIGN(RunResult result, impl_->run({inputs, captures, true}, {}, {}));
  std::vector<Tensor> outputs;
  for (auto& [name, tensor] : result.outputs) outputs.push_back(std::move(tensor));
  return outputs;
}

int64_t Executor::arena_bytes() const {
  int64_t bytes = impl_->buffers.bytes();
  for (const BodyExecutors& step : impl_->bodies) {
    for (const auto& body : step) bytes += body ? body->arena_bytes() : 0;
  }
  return bytes;
}

}  // namespace halftone
