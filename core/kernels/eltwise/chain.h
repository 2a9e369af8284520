// Functions of elements one after another, in pieces: a piece goes through the whole chain while it is in the
// first-level cache, and only the chain's result is written to memory. Each step is a row kernel of unary.h or
// binary.h.
#pragma once

#include <cstdint>
#include <span>

#include "core/kernels/eltwise/binary.h"
#include "core/kernels/eltwise/unary.h"

namespace halftone {

inline constexpr int64_t kChainPiece = 1024;  // elements at most
inline constexpr int kChainSlots = 4;         // results of steps that are held at once

// Places: operand i is i, slot s is (number of operands) + s. The last step's `out` is not looked at: it is y.
struct ChainStep {
  UnaryRow unary = nullptr;    // of a, or
  BinaryRow binary = nullptr;  // of a and b, or
  ClipRow clip = nullptr;      // of a: to [params.a, params.b]
  UnaryParams params;
  int a = 0, b = 0, out = 0;
};

struct ChainOperand {
  enum Kind : uint8_t {
    kDense,    // an element for each of y
    kRepeats,  // the same `piece` elements for every piece
    kSingle,   // one element
  };
  const float* data = nullptr;
  Kind kind = kDense;
};

// y[begin, end) through all steps; begin is a multiple of `piece`, which is kChainPiece at most.
void chain_run(std::span<const ChainStep> steps, std::span<const ChainOperand> operands, int64_t piece, int64_t begin,
               int64_t end, float* y);

}  // namespace halftone
