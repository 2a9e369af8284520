// What a compressed model says of itself in its metadata: the recipe that made it, by which version of the tool, on
// what calibration data. Keys: halftone.recipe (JSON, defaults filled in; of several recipes one after the other, all
// their steps), halftone.version, halftone.calibration ("<inputs> inputs, fnv1a64 <hex>").
#pragma once

#include <cstdint>

#include "core/base/json.h"
#include "core/graph/graph.h"
#include "core/runtime/executor.h"

namespace halftone {

// Which data was seen: names, types, dims and bytes of feeds, in their order. Source: FNV-1a, here over 64-bit words.
class Fingerprint {
 public:
  void add(const Feeds& feeds);
  int64_t inputs() const { return inputs_; }
  uint64_t value() const { return hash_; }

 private:
  void mix(const void* bytes, size_t count);

  int64_t inputs_ = 0;
  uint64_t hash_ = 14695981039346656037u;
};

// recipe: as recipe_json() gives it.
void write_manifest(Model& model, const Json& recipe, const Fingerprint& calibration);

}  // namespace halftone
