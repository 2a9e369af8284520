// How the kernel benchmarks measure: contestants take turns of about a millisecond, each followed by a turn of what
// the machine can do at best with the same instruction, so that a busy machine slows all alike; the best turn counts.
// A row says time of a call, rate, and share of that limit: multiply-accumulates against chains of one instruction,
// bytes read and written against copying within the second-level cache.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "core/kernels/dot/dot.h"
#include "core/kernels/short_copy.h"
#include "core/kernels/simd.h"

namespace halftone {

enum class Limit { kMadd, kDot16, kDot8, kCopy };

struct Contestant {
  std::string name;
  Limit limit;
  double work;  // of one call: multiply-accumulates, or bytes read and written
  // Not inlined into the loops that time it: engines optimize a function between its calls only.
  std::function<void()> run;
  int calls = 1;       // of a turn
  double best = 1e30;  // seconds of a call

  double rate() const { return work / best * 1e-9; }
};

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The first half is for the engine to compile what is hot; the second says how many calls fill a turn.
inline void warm(Contestant& c) {
  for (int half = 0; half < 2; ++half) {
    int calls = 0;
    for (const auto start = std::chrono::steady_clock::now(); seconds_since(start) < 0.1; ++calls) c.run();
    c.calls = std::max(1, calls / 100);
  }
}

inline void take_turn(Contestant& c) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < c.calls; ++i) c.run();
  c.best = std::min(c.best, seconds_since(start) / c.calls);
}

constexpr int kChains = 13, kUnroll = 4, kTurns = 2000;
constexpr double kChainSteps = double(kChains) * kUnroll * kTurns;

// Independent chains of one step, as many as there are registers for. The step feeds its own chain through every
// instruction: compilers and engines compute what does not depend on the chain only once. A step of two instructions
// (int16 dot; madd without relaxed SIMD) then waits a little for itself, so a good kernel may show up to 105 %.
template <typename V, typename Step>
__attribute__((noinline)) V run_chains(V x, Step step) {
  V acc[kChains];
  for (int i = 0; i < kChains; ++i) acc[i] = reinterpret_cast<V>(splat(static_cast<float>(i)));
  for (int turn = 0; turn < kTurns; ++turn) {
    for (int i = 0; i < kUnroll; ++i) {
      for (V& a : acc) {
        a = step(a, x);
        settle(a);
      }
    }
  }
  V sum = acc[0];
  for (int i = 1; i < kChains; ++i) sum ^= acc[i];
  return sum;
}

// The operand comes from, and the result goes to, memory that the compiler cannot see through.
template <typename Step>
void run_integer_chains(Step step) {
  static volatile int32_t seed = 0x11223344;
  [[maybe_unused]] static volatile int32_t sink;
  sink = run_chains(splat(seed), step)[0];
}

inline void run_madd_chains() {
  static volatile float seed = 0.5f;
  [[maybe_unused]] static volatile float sink;
  const auto step = [](i32x4 a, i32x4 x) {
    const f32x4 factor = reinterpret_cast<f32x4>(x);
    return reinterpret_cast<i32x4>(madd(reinterpret_cast<f32x4>(a), factor, factor));
  };
  sink = reinterpret_cast<f32x4>(run_chains(reinterpret_cast<i32x4>(splat(seed)), step))[0];
}

inline void run_dot16_chains() {
  run_integer_chains(
      [](i32x4 a, i32x4 x) { return wrapping_add(dot2(reinterpret_cast<i16x8>(a), reinterpret_cast<i16x8>(x)), x); });
}

inline void run_dot8_chains() {
  with_dot(dot_kind(), []<DotKind kKind>() {
    run_integer_chains(
        [](i32x4 a, i32x4 x) { return Dot<kKind>::add(a, reinterpret_cast<i8x16>(x), reinterpret_cast<i8x16>(x)); });
  });
}

inline Contestant copy_contestant() {
  constexpr int64_t kBytes = 150528;  // a layer of 56 x 56 x 48 bytes
  const std::vector<uint8_t> x(kBytes, 1);
  return {"copying", Limit::kCopy, 2.0 * kBytes,
          [x, y = x]() mutable { copy_short(y.data(), x.data(), static_cast<int64_t>(y.size())); }};
}

// Warm at the first use.
inline Contestant& limit(Limit kind) {
  static std::vector<Contestant> all = [] {
    std::vector<Contestant> limits = {{"madd", Limit::kMadd, 4 * kChainSteps, run_madd_chains},
                                      {"int16 dot", Limit::kDot16, 8 * kChainSteps, run_dot16_chains},
                                      {"int8 dot", Limit::kDot8, 16 * kChainSteps, run_dot8_chains},
                                      copy_contestant()};
    for (Contestant& c : limits) warm(c);
    return limits;
  }();
  return all[static_cast<size_t>(kind)];
}

inline Limit limit_of(DotKind kind) { return kind == DotKind::kNone ? Limit::kDot16 : Limit::kDot8; }

inline void print(const std::string& name, const Contestant& c) {
  std::printf("%-44s %8.4f ms %7.1f %s", name.c_str(), c.best * 1e3, c.rate(),
              c.limit == Limit::kCopy ? "GB/s" : "GMAC/s");
}

inline void race(std::vector<Contestant> all) {
  for (Contestant& c : all) {
    warm(c);
    limit(c.limit).best = 1e30;
  }
  for (int round = 0; round < 40; ++round) {
    for (Contestant& c : all) {
      take_turn(c);
      take_turn(limit(c.limit));
    }
  }
  for (const Contestant& c : all) {
    print(c.name, c);
    std::printf(" %4.0f %% of %s\n", c.rate() / limit(c.limit).rate() * 100, limit(c.limit).name.c_str());
  }
}

inline void print_limits(const std::vector<Limit>& kinds) {
  for (int round = 0; round < 40; ++round) {
    for (Limit kind : kinds) take_turn(limit(kind));
  }
  for (Limit kind : kinds) {
    print("limit of " + limit(kind).name, limit(kind));
    std::printf("\n");
  }
}

inline void print_product_limits() {
  const DotKind dot = dot_kind();
  std::printf("dot: %s\n", std::string(dot_kind_name(dot)).c_str());
  if (dot == DotKind::kNone) return print_limits({Limit::kMadd, Limit::kDot16});
  print_limits({Limit::kMadd, Limit::kDot16, Limit::kDot8});
}

}  // namespace halftone
