// Inflate, bit by bit: data sets of some megabytes take a second or two.
#include "tests/conformance/models/gunzip.h"

#include <array>

namespace halftone::testing {
namespace {

class Bits {
 public:
  explicit Bits(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  bool good() const { return good_; }
  uint32_t take(int n) {
    while (held_ < n) {
      if (at_ == bytes_.size()) {
        good_ = false;
        return 0;
      }
      buffer_ |= static_cast<uint64_t>(bytes_[at_++]) << held_;
      held_ += 8;
    }
    const auto value = static_cast<uint32_t>(buffer_ & ((uint64_t{1} << n) - 1));
    buffer_ >>= n;
    held_ -= n;
    return value;
  }
  void align() { take(held_ % 8); }

 private:
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
  uint64_t buffer_ = 0;
  int held_ = 0;
  bool good_ = true;
};

// Canonical Huffman code: counts of each length, symbols in order of their codes.
struct Code {
  std::array<int, 16> count{};
  std::vector<int> symbols;

  explicit Code(std::span<const uint8_t> lengths) {
    std::array<int, 17> offset{};
    for (uint8_t length : lengths) ++count[length];
    count[0] = 0;
    for (int i = 1; i < 16; ++i)
      offset[static_cast<size_t>(i) + 1] = offset[static_cast<size_t>(i)] + count[static_cast<size_t>(i)];
    symbols.resize(static_cast<size_t>(offset[16]));
    for (size_t s = 0; s < lengths.size(); ++s) {
      if (lengths[s] != 0) symbols[static_cast<size_t>(offset[lengths[s]]++)] = static_cast<int>(s);
    }
  }
  int read(Bits& bits) const {
    int code = 0, first = 0, index = 0;
    for (size_t length = 1; length < 16; ++length) {
      code |= static_cast<int>(bits.take(1));
      if (code - first < count[length]) return symbols[static_cast<size_t>(index + code - first)];
      index += count[length];
      first = (first + count[length]) << 1;
      code <<= 1;
    }
    return -1;
  }
};

constexpr int kLengthBase[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                               31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr int kLengthBits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr int kDistanceBase[] = {1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
                                 33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
                                 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
constexpr int kDistanceBits[] = {0, 0, 0, 0, 1, 1, 2, 2,  3,  3,  4,  4,  5,  5,  6,
                                 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

bool inflate_codes(Bits& bits, const Code& literals, const Code& distances, std::vector<uint8_t>& out) {
  while (bits.good()) {
    const int symbol = literals.read(bits);
    if (symbol < 0 || symbol > 285) return false;
    if (symbol < 256) {
      out.push_back(static_cast<uint8_t>(symbol));
      continue;
    }
    if (symbol == 256) return true;
    const int length = kLengthBase[symbol - 257] + static_cast<int>(bits.take(kLengthBits[symbol - 257]));
    const int d = distances.read(bits);
    if (d < 0 || d > 29) return false;
    const size_t distance = static_cast<size_t>(kDistanceBase[d]) + bits.take(kDistanceBits[d]);
    if (distance > out.size()) return false;
    for (int i = 0; i < length; ++i) out.push_back(out[out.size() - distance]);
  }
  return false;
}

bool inflate_fixed(Bits& bits, std::vector<uint8_t>& out) {
  std::array<uint8_t, 288> lengths;
  for (size_t i = 0; i < 288; ++i) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  const std::array<uint8_t, 30> fives = [] {
    std::array<uint8_t, 30> all;
    all.fill(5);
    return all;
  }();
  return inflate_codes(bits, Code(lengths), Code(fives), out);
}

bool inflate_dynamic(Bits& bits, std::vector<uint8_t>& out) {
  constexpr size_t kOrder[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  const size_t literals = bits.take(5) + 257, distances = bits.take(5) + 1, codes = bits.take(4) + 4;
  std::array<uint8_t, 19> code_lengths{};
  for (size_t i = 0; i < codes; ++i) code_lengths[kOrder[i]] = static_cast<uint8_t>(bits.take(3));
  const Code code(code_lengths);
  std::vector<uint8_t> lengths;
  while (lengths.size() < literals + distances) {
    const int symbol = code.read(bits);
    if (symbol < 0 || !bits.good()) return false;
    if (symbol < 16) {
      lengths.push_back(static_cast<uint8_t>(symbol));
      continue;
    }
    if (symbol == 16 && lengths.empty()) return false;
    const uint8_t value = symbol == 16 ? lengths.back() : 0;
    const size_t repeat = symbol == 16 ? 3 + bits.take(2) : symbol == 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    lengths.insert(lengths.end(), repeat, value);
  }
  if (lengths.size() != literals + distances) return false;
  const std::span<const uint8_t> all(lengths);
  return inflate_codes(bits, Code(all.first(literals)), Code(all.subspan(literals)), out);
}

bool inflate_stored(Bits& bits, std::vector<uint8_t>& out) {
  bits.align();
  const uint32_t length = bits.take(16);
  bits.take(16);
  for (uint32_t i = 0; i < length && bits.good(); ++i) out.push_back(static_cast<uint8_t>(bits.take(8)));
  return bits.good();
}

// Length of the gzip header; 0: not one.
size_t header_size(std::span<const uint8_t> p) {
  if (p.size() < 18 || p[0] != 0x1f || p[1] != 0x8b || p[2] != 8) return 0;
  size_t at = 10;
  if (p[3] & 4) at += 2u + p[10] + 256u * p[11];
  for (uint8_t flag : {8, 16}) {  // name, comment
    if (!(p[3] & flag)) continue;
    while (at < p.size() && p[at] != 0) ++at;
    ++at;
  }
  if (p[3] & 2) at += 2;
  return at < p.size() ? at : 0;
}

}  // namespace

std::vector<uint8_t> gunzip(std::span<const uint8_t> packed) {
  const size_t header = header_size(packed);
  if (header == 0) return {};
  Bits bits(packed.subspan(header));
  std::vector<uint8_t> out;
  for (bool last = false; !last;) {
    last = bits.take(1) == 1;
    const uint32_t kind = bits.take(2);
    const bool ok = kind == 0   ? inflate_stored(bits, out)
                    : kind == 1 ? inflate_fixed(bits, out)
                    : kind == 2 ? inflate_dynamic(bits, out)
                                : false;
    if (!ok || !bits.good()) return {};
  }
  return out;
}

}  // namespace halftone::testing
