// Functions of one element: y[i] = f(x[i]). One row kernel for each function and element type.
#pragma once

#include <cstdint>

#include "core/tensor/dtype.h"

namespace halftone {

enum class Unary : uint8_t {
  kAbs,
  kAcos,
  kAcosh,
  kAsin,
  kAsinh,
  kAtan,
  kAtanh,
  kBitwiseNot,
  kCeil,
  kCelu,
  kCos,
  kCosh,
  kElu,
  kErf,
  kExp,
  kFloor,
  kGelu,
  kGeluTanh,
  kHardSigmoid,
  kHardSwish,
  kLeakyRelu,
  kLog,
  kMish,
  kNeg,
  kNot,
  kReciprocal,
  kRelu,
  kRound,
  kSelu,
  kShrink,
  kSigmoid,
  kSign,
  kSin,
  kSinh,
  kSoftplus,
  kSoftsign,
  kSqrt,
  kSwish,
  kTan,
  kTanh,
  kThresholdedRelu,
};

// The function's constants, in the order in which the operator's specification names them (alpha, gamma or beta ...).
struct UnaryParams {
  float a = 0, b = 0;
};

// x and y may be the same array.
using UnaryRow = void (*)(const void* x, void* y, int64_t n, const UnaryParams& params);

// nullptr: no such function of this type.
UnaryRow unary_row(Unary function, DType type);

// y[i] = min(max(x[i], low), high); low and high point to one element each; x and y may be the
// same array. nullptr for types without order.
using ClipRow = void (*)(const void* x, void* y, int64_t n, const void* low, const void* high);
ClipRow clip_row(DType type);

}  // namespace halftone
