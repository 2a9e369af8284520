// The upper triangular factor of an inverse: U with U^T U = H^-1 for a symmetric positive definite H.
// Formula: with J the reversal of the order, J H J = L L^T (Cholesky) gives U = J L^-1 J.
#pragma once

#include <cstdint>

namespace halftone {

// h [n][n] row-major, read at j <= i only; overwritten. u [n][n]: the factor, zeros below the diagonal. False where h
// is not positive definite as far as floats can tell.
bool inverse_factor(float* h, int64_t n, float* u);

}  // namespace halftone
