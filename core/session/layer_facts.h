// How far one layer's values are from the float model's, as a LayerDiff of web/src/engine/types.ts.
// Formula: sqnr, cosine, maxAbsError by core/stats/distortion.h; channelSqnr the same sqnr for each index of the
// channel axis (1 of four and more dimensions, else the last); clipped = share of the reference's values beyond what
// the integers can stand for; dead = share of the integers' range that the reference's values leave out.
#pragma once

#include <optional>
#include <string>

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/stats/choose_params.h"
#include "core/tensor/tensor.h"

namespace halftone {

// reach: of the integers; nullopt: the layer is not quantized. Errors: kInvalidArgument where shapes differ.
Result<Json> layer_facts(const std::string& name, const std::string& op, const Tensor& reference, const Tensor& other,
                         const std::optional<Range>& reach);

// SQNR in dB, rounded to hundredths; null where infinite.
Json sqnr_json(double sqnr_db);

}  // namespace halftone
