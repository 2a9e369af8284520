// Gather or GatherElements of the codes, Mul by scales, Reshape behind blocks.
#include "core/passes/weight_only/store_coded.h"

#include <algorithm>

#include "core/kernels/quant/quantize.h"
#include "core/passes/weight_only/store_codes.h"

namespace halftone {
namespace {

// Writes the lookup of one weight.
class BookWriter {
 public:
  BookWriter(Graph& graph, NewNodes& made, const WeightOf& weight, const WeightGroups& groups, const CodedWeight& coded,
             DType type)
      : graph_(graph), made_(made), weight_(weight), groups_(groups), coded_(coded), type_(type) {}

  Result<int64_t> run() {
    const std::string base = short_name(graph_, weight_.id);
    const Dims whole = graph_.value(weight_.id).constant.dims();
    const MatrixForm& form = weight_.form;
    const bool by_row = coded_.books.size() > 1;
    const Dims dims = by_row ? row_dims() : split_dims(whole);
    HT_ASSIGN(Tensor codes, packed(dims));
    int64_t bytes = codes.byte_size();
    const ValueId stored = made_.constant(base + "_codes", std::move(codes));
    const ValueId indices = made_.cast(base, stored, DType::kInt32);
    Tensor levels = by_row ? row_levels(form.col_stride == 1) : one_book();
    bytes += levels.byte_size();
    const ValueId book = made_.constant(base + "_levels", std::move(levels));
    ValueId result = by_row
                         ? made_.add("GatherElements", base, {book, indices}, {{"axis", form.col_stride == 1 ? 1 : 0}})
                         : made_.add("Gather", base, {book, indices});
    if (coded_.scale.size() > 1) {
      Tensor scale = scales(dims);
      bytes += scale.byte_size();
      result = made_.add("Mul", base, {result, made_.constant(base + "_scale", std::move(scale))});
    }
    if (dims != whole) result = made_.reshape(base, result, whole);
    redirect(graph_, weight_, result);
    return bytes;
  }

 private:
  bool split() const { return groups_.blocks > 1 || (weight_.form.outer && coded_.scale.size() > 1); }

  // The axis that is summed over as blocks and what is in them.
  Dims split_dims(const Dims& whole) const {
    if (!split()) return whole;
    if (weight_.form.flattened) return {weight_.form.rows, groups_.blocks, groups_.block};
    Dims dims = whole;
    const auto at = static_cast<size_t>(weight_.form.reduce_axis);
    dims[at] = groups_.block;
    dims.insert(dims.begin() + static_cast<ptrdiff_t>(at), groups_.blocks);
    return dims;
  }

  // Rows and columns as two axes, in the order of memory.
  Dims row_dims() const {
    const MatrixForm& form = weight_.form;
    return form.col_stride == 1 ? Dims{form.rows, form.cols} : Dims{form.cols, form.rows};
  }

  Result<Tensor> packed(const Dims& dims) const {
    HT_ASSIGN(Tensor out, Tensor::allocate(type_, dims, "codes"));
    std::fill_n(out.mutable_bytes(), out.byte_size(), uint8_t{0});
    const int bits = dtype_info(type_).bits;
    uint8_t* bytes = out.mutable_bytes();
    const uint8_t* code = coded_.codes.data();
    for (int64_t r = 0; r < weight_.form.rows; ++r) {
      for (int64_t c = 0; c < weight_.form.cols; ++c) packed_set(bytes, weight_.form.at(r, c), bits, *code++);
    }
    return out;
  }

  Tensor one_book() const {
    std::vector<float> levels = coded_.books.front();
    if (coded_.scale.size() == 1) {
      for (float& level : levels) level *= coded_.scale.front();
    }
    return Tensor::of<float>({static_cast<int64_t>(levels.size())}, levels);
  }

  Tensor row_levels(bool rows_first) const {
    const auto rows = static_cast<int64_t>(coded_.books.size()), count = static_cast<int64_t>(coded_.books[0].size());
    std::vector<float> levels(static_cast<size_t>(rows * count));
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t k = 0; k < count; ++k) {
        levels[static_cast<size_t>(rows_first ? r * count + k : k * rows + r)] =
            coded_.books[static_cast<size_t>(r)][static_cast<size_t>(k)];
      }
    }
    return Tensor::of<float>(rows_first ? Dims{rows, count} : Dims{count, rows}, levels);
  }

  // Scales as they broadcast to the codes.
  Tensor scales(const Dims& dims) const {
    const MatrixForm& form = weight_.form;
    if (!split()) {
      Dims shape(dims.size(), 1);
      shape[static_cast<size_t>(form.channel_axis)] = static_cast<int64_t>(coded_.scale.size());
      return Tensor::of<float>(shape, coded_.scale);
    }
    const size_t at = form.flattened ? 2 : static_cast<size_t>(form.reduce_axis) + 1;
    Dims shape = dims;
    shape[at] = 1;
    int64_t inner = 1;
    for (size_t i = at + 1; i < dims.size(); ++i) inner *= dims[i];
    std::vector<float> values(coded_.scale.size());
    for (int64_t r = 0; r < form.rows; ++r) {
      for (int64_t b = 0; b < groups_.blocks; ++b) {
        const int64_t element = form.at(r, b * groups_.block);
        values[static_cast<size_t>(element / (inner * groups_.block) * inner + element % inner)] =
            coded_.scale[static_cast<size_t>(r * groups_.blocks + b)];
      }
    }
    return Tensor::of<float>(shape, values);
  }

  Graph& graph_;
  NewNodes& made_;
  const WeightOf& weight_;
  const WeightGroups& groups_;
  const CodedWeight& coded_;
  const DType type_;
};

}  // namespace

Result<int64_t> store_coded(Graph& graph, NewNodes& made, const WeightOf& weight, const WeightGroups& groups,
                            const CodedWeight& coded, DType type) {
  return BookWriter(graph, made, weight, groups, coded, type).run();
}

}  // namespace halftone
