// run_model <file.onnx> [--float] [--runs N] [--steps] [--disable <rewrite>]: a developer's look at one model on
// this machine: what compilation did, memory, median time of a run, and where the time goes by operator (or step).
// Inputs are random; unknown dims are 1.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "core/base/rng.h"
#include "core/onnx/reader.h"
#include "core/runtime/executor.h"

namespace halftone {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

[[noreturn]] void fail(const Error& error) {
  std::fprintf(stderr, "%s: %s [%s] %s\n", std::string(error_code_name(error.code)).c_str(), error.message.c_str(),
               error.where.c_str(), error.hint.c_str());
  std::exit(1);
}

template <typename T>
T take(Result<T> result) {
  if (!result.ok()) fail(result.error());
  return std::move(result).value();
}

Feeds random_inputs(const Graph& graph) {
  Rng rng(1);
  Feeds feeds;
  for (ValueId id : graph.inputs) {
    const Value& value = graph.value(id);
    Dims dims;
    for (const Dim& d : value.shape.dims()) dims.push_back(d.known() ? d.value : 1);
    Tensor tensor = take(Tensor::allocate(value.dtype, dims));
    if (value.dtype == DType::kFloat) {
      for (float& v : tensor.mutable_data<float>()) v = rng.uniform(-1, 1);
    } else {
      for (int64_t i = 0; i < tensor.byte_size(); ++i)
        tensor.mutable_bytes()[i] = value.dtype == DType::kUint8 ? static_cast<uint8_t>(rng.below(256)) : 0;
    }
    feeds[value.name] = tensor;
  }
  return feeds;
}

void print_times(const std::vector<NodeTime>& profile, bool by_step) {
  if (by_step) {
    for (const NodeTime& t : profile) {
      std::printf("%9.3f ms  %s%s  %s\n", t.ms, t.op_type.c_str(), t.integer ? "*" : "", t.node.c_str());
    }
    return;
  }
  std::map<std::string, std::pair<double, int>> ops;
  for (const NodeTime& t : profile) {
    auto& [ms, count] = ops[t.op_type + (t.integer ? "*" : "")];
    ms += t.ms;
    ++count;
  }
  std::vector<std::pair<std::string, std::pair<double, int>>> sorted(ops.begin(), ops.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second.first > b.second.first; });
  for (const auto& [op, time] : sorted) std::printf("%9.3f ms  %4d  %s\n", time.first, time.second, op.c_str());
}

int run(const std::vector<std::string>& arguments) {
  CompileOptions options;
  int runs = 10;
  bool by_step = false;
  std::string path;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool more = i + 1 < arguments.size();
    if (arguments[i] == "--float") {
      options.integer = false;
    } else if (arguments[i] == "--steps") {
      by_step = true;
    } else if (arguments[i] == "--runs" && more) {
      runs = std::max(1, std::atoi(arguments[++i].c_str()));
    } else if (arguments[i] == "--disable" && more) {
      options.disabled.push_back(arguments[++i]);
    } else {
      path = arguments[i];
    }
  }
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  MemorySource source({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  const Model model = take(read_model(source));

  const auto start = Clock::now();
  const auto program = take(compile(model, options));
  std::printf("compiled in %.1f ms: %zu nodes -> %zu steps\n", ms_since(start), model.graph.nodes.size(),
              program->steps.size());
  for (const RewriteStats& s : program->rewrites) {
    if (s.applications > 0)
      std::printf("%6lld  %s\n", static_cast<long long>(s.applications), std::string(s.rule).c_str());
  }
  Executor executor(program);
  const Feeds feeds = random_inputs(model.graph);
  std::vector<double> times;
  for (int i = 0; i < runs + 1; ++i) {
    const auto begin = Clock::now();
    take(executor.run(feeds));
    if (i > 0) times.push_back(ms_since(begin));
  }
  std::sort(times.begin(), times.end());
  std::printf("median of %d runs: %.3f ms, best %.3f ms, %lld bytes of buffers\n", runs, times[times.size() / 2],
              times[0], static_cast<long long>(executor.arena_bytes()));
  print_times(take(executor.run(feeds, {.taps = {}, .profile = true})).profile, by_step);
  return 0;
}

}  // namespace
}  // namespace halftone

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    std::fprintf(stderr, "usage: run_model <file.onnx> [--float] [--runs N] [--steps] [--disable <rewrite>]\n");
    return 2;
  }
  return halftone::run(arguments);
}
