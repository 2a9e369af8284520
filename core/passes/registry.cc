// All passes, one row each, in the order in which a page lists them.
#include <array>

#include "core/passes/canonicalize/convert_opset.h"
#include "core/passes/dequantize/dequantize.h"
#include "core/passes/equalize/equalize.h"
#include "core/passes/mixed/allocate_bits.h"
#include "core/passes/mixed/fall_back.h"
#include "core/passes/pass_def.h"
#include "core/passes/quantize/quantize_dynamic.h"
#include "core/passes/quantize/quantize_static.h"
#include "core/passes/reconstruct/learn_ranges.h"
#include "core/passes/reconstruct/reconstruct.h"
#include "core/passes/weight_only/convert_float.h"
#include "core/passes/weight_only/quantize_codebook.h"
#include "core/passes/weight_only/quantize_weights.h"

namespace halftone {

std::span<const PassDef* const> all_passes() {
  static const std::array kPasses = {
      &equalize_pass(),
      &fall_back_pass(),
      &allocate_bits_pass(),
      &learn_ranges_pass(),
      &quantize_static_pass(),
      &round_weights_pass(),
      &correct_bias_pass(),
      &quantize_dynamic_pass(),
      &quantize_weights_pass(),
      &quantize_codebook_pass(),
      &convert_float_pass(),
      &dequantize_pass(),
      &convert_opset_pass(),
  };
  return kPasses;
}

const PassDef* find_pass(std::string_view name) {
  for (const PassDef* pass : all_passes()) {
    if (pass->name == name) return pass;
  }
  return nullptr;
}

}  // namespace halftone
