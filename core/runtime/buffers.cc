// Where the values of a running program live.
#include "core/runtime/buffers.h"

#include <cstring>
#include <functional>

namespace halftone {
Buffers::Buffers(const Program& program) : slots_(program.graph.values.size()) {
  for (ValueId id : program.packed) {
    const Tensor& constant = program.graph.value(id).constant;
    slot(id) = {View{constant.dtype(), constant.dims(), nullptr}, constant, true, true};
  }
  for (size_t i = 0; i < slots_.size(); ++i) {
    const Tensor& constant = program.graph.values[i].constant;
    if (!constant.defined() || slots_[i].constant) continue;
    const Tensor held = constant.pinned();
    slots_[i] = {held.view(), held, true, true};
  }
}

Status Buffers::begin(RunPlan& plan) {
  plan_ = &plan;
  if (plan.arena_bytes > arena_.byte_size()) {
    arena_ = Tensor();
    HT_ASSIGN(arena_, Tensor::allocate(DType::kUint8, {plan.arena_bytes}, "arena"));
  }
  return ok_status();
}

bool Buffers::in_arena(const void* data) const {
  const auto* at = static_cast<const uint8_t*>(data);
  const uint8_t* arena = arena_.bytes();
  return arena != nullptr && !std::less<>()(at, arena) && std::less<>()(at, arena + arena_.byte_size());
}

void Buffers::feed(ValueId id, const Tensor& tensor) {
  Slot& s = slot(id);
  s.view = tensor.view();
  s.tensor = tensor;
  s.live = true;
}

void Buffers::feed(ValueId id, const View& view) {
  Slot& s = slot(id);
  s.view = view;
  s.tensor = Tensor();
  s.live = true;
}

void Buffers::end() {
  for (Slot& s : slots_) {
    if (s.constant) continue;
    s.tensor = Tensor();
    s.live = false;
  }
  scratch_.reset();
  plan_ = nullptr;
}

Result<MutView> Buffers::make(ValueId id, DType dtype, std::span<const int64_t> dims) {
  Slot& s = slot(id);
  const size_t i = static_cast<size_t>(id);
  const auto count = element_count(dims);
  const auto bytes = count && dtype != DType::kString ? packed_bytes(dtype, *count) : std::nullopt;
  s.live = true;
  if (!plan_->settled && bytes) plan_->noted[i] = *bytes;
  if (bytes && plan_->offset[i] >= 0 && *bytes <= plan_->bytes[i]) {
    s.view.dtype = dtype;
    s.view.dims.assign(dims.begin(), dims.end());
    uint8_t* at = arena_.mutable_bytes() + plan_->offset[i];
    s.view.data = at;
    return MutView{dtype, s.view.dims, at};
  }
  if (!count) {
    return Error{ErrorCode::kInvalidModel, "A value would have the impossible shape " + to_string(dims) + ".", "", ""};
  }
  HT_ASSIGN(s.tensor, Tensor::allocate(dtype, Dims(dims.begin(), dims.end())));
  MutView out = s.tensor.mutable_view();
  s.view = out;
  return out;
}

Status Buffers::make_view(ValueId id, ValueId of, std::span<const int64_t> dims) {
  const Slot& from = slot(of);
  HT_CHECK(element_count(dims) == from.view.size());
  const size_t i = static_cast<size_t>(id);
  const ValueId root = plan_->root[static_cast<size_t>(of)];
  // Lifetimes in the arena are planned for the views that the first run has noted, and for none before that.
  const bool planned = plan_->settled ? plan_->root[i] == root : !in_arena(from.view.data);
  if (!plan_->settled) plan_->root[i] = root;
  if (!planned) {
    const auto bytes = packed_bytes(from.view.dtype, from.view.size());
    HT_ASSIGN(const MutView copy, make(id, from.view.dtype, dims));
    if (bytes && *bytes > 0) std::memcpy(copy.data, from.view.data, static_cast<size_t>(*bytes));
    if (!plan_->settled) plan_->noted[i] = -1;
    return ok_status();
  }
  Slot& s = slot(id);
  s.live = true;
  if (from.tensor.defined()) s.tensor = from.tensor.reshaped(Dims(dims.begin(), dims.end()));
  s.view.dtype = from.view.dtype;
  s.view.dims.assign(dims.begin(), dims.end());
  s.view.data = from.view.data;
  return ok_status();
}

void Buffers::release(ValueId id) {
  Slot& s = slot(id);
  if (s.constant) return;
  s.tensor = Tensor();
  s.live = false;
}

Result<Tensor> Buffers::take(ValueId id) const {
  const Slot& s = slot(id);
  if (s.tensor.defined()) return s.tensor;
  if (s.view.dtype == DType::kString) {
    const auto* first = static_cast<const std::string*>(s.view.data);
    return Tensor::strings(s.view.dims, {first, first + s.view.size()});
  }
  HT_ASSIGN(Tensor copy, Tensor::allocate(s.view.dtype, s.view.dims));
  if (copy.byte_size() > 0) std::memcpy(copy.mutable_bytes(), s.view.data, static_cast<size_t>(copy.byte_size()));
  return copy;
}

}  // namespace halftone
