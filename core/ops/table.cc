// halftone.Table: y = table[x] on bytes, what fusion of integer elementwise operators leaves (compile's fuse_tables).
// It exists in compiled graphs only and is never written to a file.
#include "core/ops/families.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_elementwise.h"
#include "core/ops/move_util.h"

namespace halftone {

std::span<const OpDef> table_ops() {
  static constexpr OpDef kOps[] = {{.name = kTableOp,
                                    .domain = kInternalDomain,
                                    .since = 0,
                                    .infer = infer_like,
                                    .run_int8 = run_int8_table,
                                    .prepare_int8 = prepare_given_table,
                                    .cost = elementwise_cost}};
  return kOps;
}

}  // namespace halftone
