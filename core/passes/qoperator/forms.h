// The integer operators and the order of their inputs.
#pragma once

#include <string_view>

namespace halftone {

// Where output parameters and bias stand among the triples (integers, scale, zero point) of the inputs.
enum class QOrder {
  kInputsFirst,  // x..., sy, zy
  kBiasLast,     // x, w, sy, zy, bias
  kBiasBefore,   // x, w, bias, sy, zy
  kOutputFirst,  // sy, zy, x...
  kMoves,        // x alone: elements move as integers
};

struct QForm {
  std::string_view op;      // of ai.onnx, on real numbers
  std::string_view target;  // on integers
  std::string_view domain;
  QOrder order;
};

// nullptr: none.
const QForm* find_qform(std::string_view op);

}  // namespace halftone
