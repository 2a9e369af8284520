// What this machine's relaxed dot product of four bytes does with operands outside of the common ground.
// WebAssembly fixes sum of a[i] * b[i] only for b in [0, 127] (a signed); beyond, an engine may take
//   usdot  b as unsigned, exact sums                       (x86 VNNI: vpdpbusd)
//   sdot   b as signed, exact sums                         (ARM dot product, x86 VNNI-INT8)
//   i7     b as unsigned, sums of pairs saturated to int16 (x86 without VNNI: pmaddubsw)
// and kernels choose their packing by it, so that the result is exact everywhere.
#pragma once

#include <string_view>

namespace halftone {

enum class DotKind { kNone, kUsdot, kSdot, kI7 };

// Found by two dot products with telling operands. kNone: this build has no such instruction (the simd variant, native
// builds), or it follows none of the three.
DotKind dot_kind();

// "usdot", "sdot", "i7", "none".
std::string_view dot_kind_name(DotKind kind);

}  // namespace halftone
