// Metadata of compressed models; see manifest.h.
#include "core/recipe/manifest.h"

#include <algorithm>
#include <cstring>

namespace halftone {
namespace {

constexpr std::string_view kRecipe = "halftone.recipe", kVersionKey = "halftone.version",
                           kCalibration = "halftone.calibration";
constexpr std::string_view kVersion = HALFTONE_VERSION;

std::string* find(Model& model, std::string_view key) {
  for (auto& [name, value] : model.metadata) {
    if (name == key) return &value;
  }
  return nullptr;
}

void set(Model& model, std::string_view key, std::string value) {
  if (std::string* there = find(model, key)) {
    *there = std::move(value);
  } else {
    model.metadata.emplace_back(key, std::move(value));
  }
}

// The steps that an earlier recipe left, where the file has them.
Json earlier_steps(Model& model) {
  const std::string* there = find(model, kRecipe);
  if (there == nullptr) return Json::array();
  auto parsed = Json::parse(*there);
  return parsed.ok() && parsed->is_array() ? *std::move(parsed) : Json::array();
}

std::string hex(uint64_t value) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[value >> shift & 15];
  return text;
}

}  // namespace

void Fingerprint::mix(const void* bytes, size_t count) {
  const auto* at = static_cast<const uint8_t*>(bytes);
  for (size_t i = 0; i < count; i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, at + i, std::min<size_t>(8, count - i));
    hash_ = (hash_ ^ word) * 1099511628211u;
  }
}

void Fingerprint::add(const Feeds& feeds) {
  ++inputs_;
  for (const auto& [name, tensor] : feeds) {
    mix(name.data(), name.size());
    const auto type = static_cast<uint64_t>(tensor.dtype());
    mix(&type, sizeof type);
    mix(tensor.dims().data(), tensor.dims().size() * sizeof(int64_t));
    mix(tensor.bytes(), static_cast<size_t>(tensor.byte_size()));
  }
}

void write_manifest(Model& model, const Json& recipe, const Fingerprint& calibration) {
  Json steps = earlier_steps(model);
  for (const Json& step : recipe.as_array()) steps.push(step);
  set(model, kRecipe, steps.dump());
  set(model, kVersionKey, std::string(kVersion));
  if (calibration.inputs() == 0) return;
  set(model, kCalibration, std::to_string(calibration.inputs()) + " inputs, fnv1a64 " + hex(calibration.value()));
}

}  // namespace halftone
