// Where the compiler's own choice of what to inline is not left to it: loops that must see all of their body, and loops
// that must not share registers with what is around them.
#pragma once

#define HT_INLINE [[gnu::always_inline]] inline
#define HT_NOINLINE [[gnu::noinline]]
