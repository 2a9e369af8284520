// The integers that values may become: which codes there are, and the ONNX type that holds them.
// Formula: signed -2^(bits-1) .. 2^(bits-1) - 1, unsigned 0 .. 2^bits - 1; restricted: without the lowest code
//          (-127 .. 127), so that codes of both signs reach equally far and products of two of them stay smaller.
// A width that ONNX has no type for lives in the next wider one, as fewer codes of it: weights are encoded to them,
// activations are clipped to what they stand for before QuantizeLinear (needs_clip). Scales: choose_params.h.
#pragma once

#include <cstdint>

#include "core/tensor/dtype.h"

namespace halftone {

struct GridSpec {
  int bits = 8;               // 2 to 16
  bool is_signed = true;      // false: 0 and up
  bool symmetric = false;     // zero point in the middle (0; unsigned: 2^(bits-1)) instead of where the range wants it
  bool restricted = false;    // the lowest code is not used
  bool power_of_two = false;  // scales are powers of two, so that rescaling is a shift
  int least_storage = 2;      // narrowest type to store them in
  bool operator==(const GridSpec&) const = default;
};

struct Grid {
  DType dtype = DType::kInt8;
  int32_t lowest = -128, highest = 127;
  int32_t middle = 0;  // zero point where symmetric
  bool symmetric = false, power_of_two = false;

  int32_t levels() const { return highest - lowest + 1; }
  bool operator==(const Grid&) const = default;
};

// spec.bits is CHECKed.
Grid make_grid(const GridSpec& spec);

// Whether saturation to grid.dtype lets through codes that the grid does not have. The one code that a restricted grid
// leaves out does not count: what lands there lies beyond the range in any case.
bool needs_clip(const Grid& grid);

}  // namespace halftone
