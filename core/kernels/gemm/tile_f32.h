// One tile row of a float product, over consecutive panels:
//   c[r][j] = clamp(start + sum over runs and s of rows[run][r][s] * panel[run][s][j], lo, hi)
// for up to 6 rows and 8 columns a panel; start is the bias of the column plus an element of `start`.
#pragma once

#include "core/kernels/gemm/tiles.h"

namespace halftone {

struct TileF32 {
  RowTable rows;       // floats
  int64_t runs;        // at least 1
  int64_t length;      // floats of a run
  const float* panel;  // [runs][length][8]
  int64_t panel_step;  // floats from panel to panel
  int64_t panels;      // at least 1
  const float* bias;   // 8 a panel, or nullptr: zeros
  const float* start;  // laid out as c, or nullptr: zeros; may be c
  float* c;
  int64_t ldc;      // floats from row to row of c and start
  int64_t columns;  // of the last panel
  float lo, hi;
};

// How rows of `runs` runs of `length` floats are cut, so that a block of rows and of a panel stay in the first cache:
// several runs to a block, or a part of each. Sums go from block to block through c.
class DepthF32 {
 public:
  DepthF32(int64_t runs, int64_t length);
  int64_t blocks() const { return blocks_; }
  struct Part {
    int64_t run, runs;      // which runs
    int64_t begin, length;  // which floats of each
    bool first, last;
  };
  Part part(int64_t block) const;

 private:
  int64_t runs_, length_, pieces_, blocks_;
};

// rows: 1 to 6.
void run_tile_f32(TileF32 tile, int64_t rows, PanelsAhead ahead);

}  // namespace halftone
