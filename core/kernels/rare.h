// HT_RARE marks instantiations for element types that no hot path uses (integers, double): the compiler optimizes them
// for size and neither unrolls nor vectorizes them. The .wasm has a budget, and these are most of a type table.
#pragma once

#if defined(__clang__)
#define HT_RARE __attribute__((minsize, noinline))
#else
#define HT_RARE __attribute__((cold, noinline))
#endif
