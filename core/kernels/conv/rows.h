// Where the runs of output pixels begin: in the input as it lies in memory, with one row of zeros that stands for every
// pixel outside, or in a staged copy that holds its padding.
#pragma once

#include "core/kernels/conv/runs.h"
#include "core/kernels/gemm/tiles.h"

namespace halftone {

class ConvRows {
 public:
  // dims, pad: of what is read; pixel: bytes of a pixel; outside: a run of zero points, nullptr where nothing is ever
  // outside. `offsets`: scratch for runs.runs numbers.
  ConvRows(const ConvGeometry& geometry, const ConvRuns& runs, const Axes3& dims, const Axes3& pad, int64_t pixel,
           const uint8_t* outside, int64_t* offsets);

  // Pointers of output pixels [first, first + rows), counted over images, to the runs of `part`; base: the first
  // image's group of channels.
  struct Part {
    int64_t run, runs;  // first one, and how many
    int64_t skip;       // bytes at the beginning of each
  };
  void fill(const uint8_t* base, int64_t first, int64_t rows, const Part& part, RowTable table) const;

 private:
  void fill_linear(const uint8_t* base, int64_t first, int64_t rows, const Part& part, RowTable table) const;
  void fill_edge(const uint8_t* image, const Axes3& at, const Part& part, RowTable table) const;

  const ConvGeometry& g_;
  Axes3 dims_, pad_, reach_, kernel_;
  int64_t pixel_, image_;
  bool linear_;  // output pixels read input pixels one after the other
  const uint8_t* outside_;
  const int64_t* offsets_;
};

}  // namespace halftone
