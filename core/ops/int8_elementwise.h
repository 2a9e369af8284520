// Integer kernels for operators that work element by element, to be named in the rows of their families:
//   Add, Sub   y = round(((qa - za) * sa +- (qb - zb) * sb) / sy) + zy, in float, in this order of operations
//   Mul        y = round(((qa - za) * sa) * ((qb - zb) * sb) / sy) + zy
//   unary      a table of 256 entries, filled by running the row's own float kernel on every possible input
//   Concat     each input moved through such a table where its parameters differ from the output's
// All take 8-bit per-tensor parameters (int8 and uint8 may be mixed). Results equal Q(op(DQ(x))) bit for bit, so
// lowering changes nothing that can be seen. kClampAttr is honoured by Add, Sub and Mul.
#pragma once

#include <array>
#include <memory>
#include <span>

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

// The output's code for each byte of some value; each input's codes for these bytes.
using ByteTable = std::array<uint8_t, 256>;
inline constexpr ByteTable kEveryByte = [] {
  ByteTable t{};
  for (size_t i = 0; i < t.size(); ++i) t[i] = static_cast<uint8_t>(i);
  return t;
}();

// What an elementwise node in integer mode gives where input i has codes[i] (nullptr: a constant of one element, or
// absent): Q(op(DQ(...))) entry by entry. Call where the integer kernel applies. Errors: as the operator's.
Result<ByteTable> tabulate_int8(const PrepareContext& ctx, std::span<const ByteTable* const> codes);

// For halftone.Table (core/ops/table.cc), whose table is this attribute (uint8, 256 elements).
inline constexpr std::string_view kTableAttr = "table";
Result<std::unique_ptr<OpState>> prepare_given_table(PrepareContext& ctx);

// For Concat along `axis`.
bool int8_concat_applies(const PrepareContext& ctx);
Result<std::unique_ptr<OpState>> prepare_int8_concat(PrepareContext& ctx);
Status run_int8_concat(RunContext& ctx);

}  // namespace halftone
