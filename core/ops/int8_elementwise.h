// Integer kernels for operators that work element by element, to be named in the rows of their families:
//   Add, Sub   y = round(((qa - za) * sa +- (qb - zb) * sb) / sy) + zy, in float, in this order of operations
//   Mul        y = round(((qa - za) * sa) * ((qb - zb) * sb) / sy) + zy
//   unary      a table of 256 entries, filled by running the row's own float kernel on every possible input
//   Concat     each input moved through such a table where its parameters differ from the output's
// All take 8-bit per-tensor parameters (int8 and uint8 may be mixed). Results equal Q(op(DQ(x))) bit for bit, so
// lowering changes nothing that can be seen. kClampAttr is honoured by Add, Sub and Mul.
#pragma once

#include <memory>

#include "core/ops/op_def.h"

namespace halftone {

// Every non-constant or constant input and output 0 has per-tensor 8-bit parameters. For Add, Sub, Mul.
bool int8_binary_applies(const PrepareContext& ctx);
Status run_int8_add(RunContext& ctx);
Status run_int8_sub(RunContext& ctx);
Status run_int8_mul(RunContext& ctx);

// For any operator that maps input 0 element by element (Sigmoid, Tanh, LeakyRelu, HardSwish, Relu, Clip, Exp ..., Div
// by a constant): its other inputs must be constants of one element. A row needs these three hooks and nothing else.
bool int8_table_applies(const PrepareContext& ctx);
Result<std::unique_ptr<OpState>> prepare_int8_table(PrepareContext& ctx);
Status run_int8_table(RunContext& ctx);

// For Concat along `axis`.
bool int8_concat_applies(const PrepareContext& ctx);
Result<std::unique_ptr<OpState>> prepare_int8_concat(PrepareContext& ctx);
Status run_int8_concat(RunContext& ctx);

}  // namespace halftone
