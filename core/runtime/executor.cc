// Runs a Program step by step. The first run with given input sizes notes what memory it takes; later ones find
// every intermediate value at its place in one arena (run_plan.h) and allocate only what they hand out.
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

constexpr size_t kMaxPlans = 4;  // input sizes remembered; one plan is a few numbers per value

std::vector<int64_t> size_key(const Graph& graph, const Feeds& feeds) {
  std::vector<int64_t> key;
  for (ValueId id : graph.inputs) {
    const Dims& dims = feeds.find(graph.value(id).name)->second.dims();
    key.push_back(static_cast<int64_t>(dims.size()));
    key.insert(key.end(), dims.begin(), dims.end());
  }
  return key;
}

}  // namespace

struct Executor::Impl {
  // Taps of one run, by the value that answers them.
  struct Tap {
    std::string name;
    bool dequantize, channels_last;
  };
  using Taps = std::unordered_multimap<ValueId, Tap>;

  explicit Impl(const Program& p) : program(p), buffers(p), available(p.graph.values.size(), false) {
    for (size_t i = 0; i < available.size(); ++i) available[i] = p.graph.values[i].is_constant();
    for (ValueId id : p.graph.inputs) available[static_cast<size_t>(id)] = true;
    for (const Step& step : p.steps) {
      for (ValueId id : p.graph.nodes[static_cast<size_t>(step.node)].outputs) {
        if (id != kNoValue) available[static_cast<size_t>(id)] = true;
      }
    }
  }

  Result<Taps> find_taps(const std::vector<std::string>& names) const;
  Status give_tap(ValueId id, const Tap& tap, Feeds& taps) const;
  Status give_taps(std::span<const ValueId> ids, const Taps& wanted, Feeds& taps) const;
  RunPlan& plan_for(std::vector<int64_t> key);
  Status run_step(const Step& step);
  Status run_steps(const Feeds& feeds, const RunOptions& options, const Taps& taps, RunResult& result);

  const Program& program;
  Buffers buffers;
  std::vector<bool> available;  // values that hold something at some point of a run
  std::vector<RunPlan> plans;   // the last used first
};

Result<Executor::Impl::Taps> Executor::Impl::find_taps(const std::vector<std::string>& names) const {
  Taps taps;
  for (const std::string& name : names) {
    const Alias alias = program.find(name);
    if (alias.value == kNoValue || !available[static_cast<size_t>(alias.value)]) {
      return Error{ErrorCode::kInvalidArgument, "The compiled program has no value '" + name + "' to hand back.", name,
                   "Compile with this name in `keep`, or tap another value."};
    }
    taps.emplace(alias.value, Tap{name, alias.dequantize, alias.channels_last});
  }
  return taps;
}

Status Executor::Impl::give_tap(ValueId id, const Tap& tap, Feeds& taps) const {
  auto tensor = tap.dequantize ? dequantize(buffers.view(id), *program.graph.value(id).quant) : buffers.take(id);
  if (!tensor.ok()) {
    tensor.error().where = tap.name;
    return std::move(tensor).error();
  }
  if (tap.channels_last) {
    HT_ASSIGN(tensor, channels_first(*tensor));
  }
  taps.insert_or_assign(tap.name, *std::move(tensor));
  return ok_status();
}

Status Executor::Impl::give_taps(std::span<const ValueId> ids, const Taps& wanted, Feeds& taps) const {
  if (wanted.empty()) return ok_status();
  for (ValueId id : ids) {
    const auto [begin, end] = wanted.equal_range(id);
    for (auto it = begin; it != end; ++it) HT_TRY(give_tap(id, it->second, taps));
  }
  return ok_status();
}

RunPlan& Executor::Impl::plan_for(std::vector<int64_t> key) {
  const auto known = std::find_if(plans.begin(), plans.end(), [&](const RunPlan& p) { return p.key == key; });
  if (known != plans.end()) {
    std::rotate(plans.begin(), known, known + 1);
  } else {
    if (plans.size() == kMaxPlans) plans.pop_back();
    plans.insert(plans.begin(), start_plan(program, std::move(key)));
  }
  return plans.front();
}

Status Executor::Impl::run_step(const Step& step) {
  StepRun context(program, step, buffers);
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

Status Executor::Impl::run_steps(const Feeds& feeds, const RunOptions& options, const Taps& taps, RunResult& result) {
  using Clock = std::chrono::steady_clock;
  const Graph& graph = program.graph;
  for (ValueId id : graph.inputs) buffers.feed(id, feeds.find(graph.value(id).name)->second);
  for (const auto& [id, tap] : taps) {
    if (buffers.has(id)) HT_TRY(give_tap(id, tap, result.taps));
  }
  for (const Step& step : program.steps) {
    const Node& node = graph.nodes[static_cast<size_t>(step.node)];
    const auto start = options.profile ? Clock::now() : Clock::time_point();
    HT_TRY(run_step(step));
    if (options.profile) {
      const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
      result.profile.push_back({node_label(graph, node), node.op_type, step.integer, ms});
    }
    HT_TRY(give_taps(node.outputs, taps, result.taps));
    for (ValueId id : step.release) buffers.release(id);
  }
  for (size_t i = 0; i < graph.outputs.size(); ++i) {
    HT_ASSIGN(Tensor tensor, buffers.take(graph.outputs[i]));
    result.outputs.emplace_back(program.output_names[i], std::move(tensor));
  }
  return ok_status();
}

Executor::Executor(std::shared_ptr<const Program> program)
    : program_(std::move(program)), impl_(std::make_unique<Impl>(*program_)) {}

Executor::~Executor() = default;

Result<RunResult> Executor::run(const Feeds& feeds, const RunOptions& options) {
  HT_TRY(check_feeds(program_->graph, feeds));
  HT_ASSIGN(const Impl::Taps taps, impl_->find_taps(options.taps));
  RunPlan& plan = impl_->plan_for(size_key(program_->graph, feeds));
  RunResult result;
  Status done = impl_->buffers.begin(plan);
  if (done.ok()) done = impl_->run_steps(feeds, options, taps, result);
  impl_->buffers.end();
  if (!done.ok()) {
    if (!plan.placed) impl_->plans.erase(impl_->plans.begin());
    return std::move(done).error();
  }
  if (!plan.placed && !place_buffers(*program_, plan).ok()) impl_->plans.erase(impl_->plans.begin());
  return result;
}

int64_t Executor::arena_bytes() const { return impl_->buffers.bytes(); }

}  // namespace halftone
