// The table of presets. `quality` (tests/bench) measures what they reach on real networks.
#include "core/recipe/presets.h"

namespace halftone {
namespace {

constexpr Preset kPresets[] = {
    {"recommended", "int8, recommended",
     "8-bit weights and activations: channels balanced, outliers clipped, mean errors corrected. Seconds.",
     R"([{"pass":"equalize"},
         {"pass":"quantize_static","activation_observer":"sqnr","skip_islands":true},
         {"pass":"correct_bias"}])"},
    {"best_accuracy", "int8, best accuracy",
     "The same, with ranges learnt from what they do to the outputs and weights rounded so that their errors make up for "
     "each other. Up to a minute.",
     R"([{"pass":"equalize"},
         {"pass":"learn_ranges"},
         {"pass":"quantize_static","activation_observer":"sqnr","skip_islands":true},
         {"pass":"round_weights"}])"},
    {"data_free", "int8 without data",
     "8-bit weights and activations with ranges from batch normalizations: no calibration data, less accurate.",
     R"([{"pass":"quantize_static","activation_observer":"batch_norm","skip_islands":true},
         {"pass":"correct_bias","from":"batch_norm"}])"},
    {"dynamic", "int8 dynamic",
     "8-bit weights; activations are measured at every run. No calibration data; for transformers and recurrent nets.",
     R"([{"pass":"quantize_weights","bits":8,"scales":"channel","op_types":["LSTM","GRU","RNN"]},
         {"pass":"quantize_dynamic"}])"},
    {"int4_weights", "int4 weights",
     "Weights of 4 bits in blocks of 32, activations stay float: an eighth of the size, no calibration data.",
     R"([{"pass":"quantize_weights","bits":4,"scales":"block","block_size":32,"method":"hqq"}])"},
    {"float16", "float16", "Half the size, and nothing to see of it in the results.",
     R"([{"pass":"convert_float","type":"float16"}])"},
    {"onnxruntime", "as onnxruntime does it",
     "What onnxruntime's quantize_static does by default, for comparison: per tensor, largest values seen.",
     R"([{"pass":"quantize_static","activation_type":"int8","per_channel":false}])"},
};

}  // namespace

std::span<const Preset> presets() { return kPresets; }

}  // namespace halftone
