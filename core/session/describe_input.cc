// What kind of thing an input is, and how its numbers were scaled in training. Evidence, strongest first: the element
// type, arithmetic on the input before anything else (a mean subtracted, a division by 255, a batch normalization, the
// range of a QuantizeLinear), the producer, the number of classes, sizes and names.
#include <algorithm>
#include <cmath>

#include "core/session/describe_values.h"

namespace halftone {
namespace {

Json size_json(const Dim& dim) { return dim.known() ? Json(dim.value) : Json(); }

double largest(const std::vector<double>& values) {
  double most = 0;
  for (double v : values) most = std::max(most, std::abs(v));
  return most;
}

struct Candidate {
  std::string_view id;
  double confidence;
  std::string_view reason;
};
using Candidates = std::vector<Candidate>;

// The range that a quantized input covers is the range of its numbers.
void by_range(double low, double high, Candidates& out) {
  const auto near = [](double v, double want, double tolerance) { return std::abs(v - want) <= tolerance; };
  if (near(low, 0, 2) && near(high, 255, 3)) return out.push_back({"raw", 0.95, "quantizedRange"});
  if (near(low, 0, 0.02) && near(high, 1, 0.02)) return out.push_back({"unit", 0.95, "quantizedRange"});
  if (near(low, -1, 0.03) && near(high, 1, 0.03)) return out.push_back({"signed", 0.9, "quantizedRange"});
  if (low < -1.5 && low > -2.3 && high > 2 && high < 2.8) return out.push_back({"imagenet", 0.9, "quantizedRange"});
  if (low < -90 && high > 90 && high < 160) out.push_back({"caffe", 0.85, "quantizedRange"});
}

// Arithmetic right behind the input says what it expects.
void by_first_node(const IoWalk& walk, const Node& node, Candidates& out) {
  const std::string_view op = node.op_type;
  if (op == "QuantizeLinear") {
    const auto scale = walk.constant(node, 1), zero = walk.constant(node, 2);
    if (scale.size() != 1 || zero.size() > 1) return;
    const double z = zero.empty() ? 0 : zero[0];
    const bool is_signed = walk.is_int8(node, 2);
    const double least = is_signed ? -128 : 0;
    return by_range(scale[0] * (least - z), scale[0] * (least + 255 - z), out);
  }
  if (op == "ImageScaler") return out.push_back({"raw", 0.9, "firstLayer"});
  if (op == "BatchNormalization") {
    const bool raw = largest(walk.constant(node, 3)) > 2 || largest(walk.constant(node, 4)) > 16;
    return out.push_back({raw ? "raw" : "unit", 0.8, "firstLayer"});
  }
  std::vector<double> operand = walk.constant(node, 1);
  if (operand.empty()) operand = walk.constant(node, 0);
  const double size = largest(operand);
  if (operand.empty() || size == 0) return;
  if (op == "Sub" || op == "Add") return out.push_back({size > 2 ? "raw" : "unit", 0.85, "firstLayer"});
  if (op == "Div" && size > 50) return out.push_back({"raw", 0.9, "firstLayer"});
  if (op == "Mul" && size < 0.02) return out.push_back({"raw", 0.9, "firstLayer"});
}

void by_habit(const ImageFacts& image, const ModelFacts& facts, Candidates& out) {
  const auto add = [&](std::string_view id, double confidence, std::string_view reason) {
    out.push_back({id, confidence, reason});
  };
  const bool small = image.width.known() && image.width.value <= 64;
  if (image.channels == 1 && small) {
    add("raw", 0.5, "digits");
    add("unit", 0.4, "digits");
  }
  if (mentions(facts.producer, {"caffe"})) add("caffe", 0.75, "caffe2");
  if (mentions(facts.producer, {"onnxmltools", "coremltools"})) add("raw", 0.6, "producer");
  const bool thousand = facts.classes == 1000 || facts.classes == 1001;
  if (image.channels == 3 && mentions(facts.producer, {"tf2onnx", "keras"})) {
    add(thousand || facts.has_image_output ? "unit" : "signed", 0.45, "producer");
  }
  if (image.channels == 3 && thousand) add("imagenet", 0.7, "imagenet");
  if (image.channels == 3 && facts.classes == 10 && image.width.value == 32) {
    add("cifar", 0.5, "cifar");
    add("raw", 0.3, "cifar");
  }
  if (facts.has_boxes) {
    add("raw", 0.45, "detector");
    add("ultralight", image.width.value == 320 && image.height.value == 240 ? 0.5 : 0.1, "detector");
  }
  add("unit", 0.3, "unknown");
  add(image.channels == 3 ? "imagenet" : "raw", 0.2, "unknown");
  add("signed", 0.1, "unknown");
}

// Best first, every id once; of equals the earlier one.
Json ranked(Candidates candidates) {
  Json::Array out;
  while (!candidates.empty()) {
    const auto best =
        std::max_element(candidates.begin(), candidates.end(),
                         [](const Candidate& a, const Candidate& b) { return a.confidence < b.confidence; });
    const Candidate c = *best;
    out.push_back(Json::Object{{"id", c.id}, {"confidence", c.confidence}, {"reason", c.reason}});
    std::erase_if(candidates, [&](const Candidate& other) { return other.id == c.id; });
  }
  return out;
}

std::optional<ImageFacts> image_facts(const Value& value) {
  const SymShape& shape = value.shape;
  const DType type = value.dtype;
  const bool pixels = is_float(type) || type == DType::kUint8 || type == DType::kInt8;
  if (!pixels || !shape.has_rank() || shape.rank() != 4) return std::nullopt;
  const auto channels = [](const Dim& d) { return d.known() && (d.value == 1 || d.value == 3 || d.value == 4); };
  const auto place = [](const Dim& d) { return is_free_or(d, 8); };
  if (channels(shape[1]) && place(shape[2]) && place(shape[3])) {
    return ImageFacts{"nchw", shape[1].value, shape[3], shape[2], shape[0]};
  }
  if (channels(shape[3]) && place(shape[1]) && place(shape[2])) {
    return ImageFacts{"nhwc", shape[3].value, shape[2], shape[1], shape[0]};
  }
  return std::nullopt;
}

Json image_json(const IoWalk& walk, const Value& value, ValueId id, const ImageFacts& image, const ModelFacts& facts) {
  Candidates candidates;
  if (value.dtype == DType::kUint8) candidates.push_back({"raw", 0.95, "bytes"});
  for (const Node* node : walk.readers(id)) by_first_node(walk, *node, candidates);
  by_habit(image, facts, candidates);
  return Json::Object{{"name", value.name},
                      {"kind", "image"},
                      {"reason", "shape"},
                      {"layout", image.layout},
                      {"channels", image.channels},
                      {"width", size_json(image.width)},
                      {"height", size_json(image.height)},
                      {"batch", size_json(image.batch)},
                      {"normalizations", ranked(std::move(candidates))}};
}

// Looked up in a table of vectors, or an integer list with such a name.
bool is_tokens(const IoWalk& walk, const Value& value, ValueId id) {
  if (value.dtype != DType::kInt64 && value.dtype != DType::kInt32) return false;
  if (!value.shape.has_rank() || value.shape.rank() < 1) return false;
  const auto readers = walk.readers(id);
  const auto looks_up = [&](const Node* node) {
    return node->op_type == "OneHot" || node->op_type == "EmbedLayerNormalization" ||
           (node->op_type == "Gather" && node->input(1) != kNoValue && !walk.constant(*node, 0).empty());
  };
  return std::any_of(readers.begin(), readers.end(), looks_up) ||
         mentions(value.name, {"ids", "token", "mask", "bytes", "text"}) || value.shape.rank() == 2;
}

// The axis that is not one, besides the batch; nullopt where there are several.
std::optional<Dim> only_axis(const SymShape& shape) {
  std::optional<Dim> found;
  for (int64_t i = shape.rank() > 1 ? 1 : 0; i < shape.rank(); ++i) {
    if (shape[i].known() && shape[i].value == 1) continue;
    if (found) return std::nullopt;
    found = shape[i];
  }
  return found;
}

bool is_audio(const IoWalk& walk, const Value& value, ValueId id, const Dim& length) {
  if (mentions(value.name, {"audio", "wave", "wav", "speech", "pcm", "sound"})) return true;
  if (length.known() && length.value < 256) return false;
  if (length.known() && length.value >= 8000) return true;
  const auto readers = walk.readers(id);
  return !length.known() && std::any_of(readers.begin(), readers.end(), [&](const Node* node) {
    return walk.weight_rank(*node) == 3 || node->op_type == "STFT" || node->op_type == "Concat" ||
           node->op_type == "If";
  });
}

Json line_json(const Value& value, std::string_view kind, std::string_view reason, const Dim& length) {
  Json out = Json::Object{{"name", value.name}, {"kind", kind}, {"reason", reason}, {"length", size_json(length)}};
  if (kind != "vector" || !length.known()) return out;
  // A flattened square may be a picture.
  const int64_t side = std::llround(std::sqrt(static_cast<double>(length.value)));
  if (side >= 8 && side * side == length.value) {
    out.set("width", side);
    out.set("height", side);
  }
  return out;
}

}  // namespace

Json describe_input(const IoWalk& walk, const Graph& graph, ValueId id, const ModelFacts& facts) {
  const Value& value = graph.value(id);
  const auto plain = [&](std::string_view kind, std::string_view reason) {
    return Json(Json::Object{{"name", value.name}, {"kind", kind}, {"reason", reason}});
  };
  if (names_state(value.name)) return plain("state", "name");
  if (const auto image = image_facts(value)) return image_json(walk, value, id, *image, facts);
  if (is_carried_on(graph, graph.inputs, graph.outputs, id)) return plain("state", "likeOutput");
  if (is_tokens(walk, value, id)) {
    return line_json(value, "tokens", "lookup", value.shape[value.shape.rank() - 1]);
  }
  if (!is_float(value.dtype) || !value.shape.has_rank() || value.shape.rank() < 1) return plain("unknown", "shape");
  const auto length = only_axis(value.shape);
  if (!length) return plain("unknown", "shape");
  if (is_audio(walk, value, id, *length)) return line_json(value, "audio", "shape", *length);
  return line_json(value, "vector", "shape", *length);
}

}  // namespace halftone
