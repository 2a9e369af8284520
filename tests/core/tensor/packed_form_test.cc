// A tensor whose elements somebody keeps in another order: letting go of the bytes and having them back.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/tensor/tensor.h"

namespace halftone {
namespace {

// The elements from the last to the first. `unpacked` counts how often they were asked for.
std::shared_ptr<const PackedForm> reversed(const Tensor& t, int* unpacked) {
  const auto data = t.data<int32_t>();
  const std::vector<int32_t> back(data.rbegin(), data.rend());
  return std::make_shared<const PackedForm>(PackedForm{
      "reversed", Tensor::of<int32_t>({t.size()}, std::span<const int32_t>(back)), [=](const Tensor& p, uint8_t* out) {
        ++*unpacked;
        const auto from = p.data<int32_t>();
        for (auto it = from.rbegin(); it != from.rend(); ++it, out += 4) std::memcpy(out, &*it, 4);
      }});
}

const std::vector<int32_t> kElements{1, 2, 3, 4, 5, 6};
Tensor elements() { return Tensor::of<int32_t>({2, 3}, std::span<const int32_t>(kElements)); }

bool equals(const Tensor& t) { return std::ranges::equal(t.data<int32_t>(), kElements); }

TEST(PackedForm, GivesTheBytesBackWhenTheyAreAskedFor) {
  const Tensor t = elements();
  int unpacked = 0;
  t.keep_as(reversed(t, &unpacked));
  t.let_go();
  EXPECT_FALSE(t.holds_bytes());
  EXPECT_EQ(t.byte_size(), 24);
  EXPECT_EQ(t.packed_form()->layout, "reversed");
  EXPECT_TRUE(equals(t));
  EXPECT_TRUE(equals(t));
  EXPECT_EQ(unpacked, 1);  // they stay until somebody lets go of them
  EXPECT_TRUE(t.identical(elements()));
  t.let_go();
  EXPECT_FALSE(t.holds_bytes());
  EXPECT_TRUE(equals(t));
  EXPECT_EQ(unpacked, 2);
}

TEST(PackedForm, IsOneForAllThatShareTheBytes) {
  const Tensor t = elements(), copy = t, line = t.reshaped({6});
  int unpacked = 0;
  copy.keep_as(reversed(copy, &unpacked));
  copy.let_go();
  EXPECT_FALSE(t.holds_bytes());
  EXPECT_TRUE(line.same_storage(t));
  EXPECT_TRUE(equals(line));
  EXPECT_TRUE(t.holds_bytes());
  EXPECT_TRUE(equals(t));
  EXPECT_EQ(unpacked, 1);
}

TEST(PackedForm, BytesThatArePinnedStay) {
  const Tensor t = elements();
  auto pinned = std::make_unique<Tensor>(t.pinned());
  const uint8_t* at = pinned->bytes();
  EXPECT_EQ(at, t.bytes());
  int unpacked = 0;
  t.keep_as(reversed(t, &unpacked));
  t.let_go();
  EXPECT_EQ(t.bytes(), at);
  EXPECT_EQ(pinned->bytes(), at);
  pinned.reset();
  t.let_go();
  EXPECT_FALSE(t.holds_bytes());
  // Pinning has them back first.
  const Tensor again = t.pinned();
  t.let_go();
  EXPECT_TRUE(equals(again));
  EXPECT_EQ(unpacked, 1);
}

TEST(PackedForm, CopiesWithoutHavingTheBytesBack) {
  const Tensor t = elements();
  int unpacked = 0;
  t.keep_as(reversed(t, &unpacked));
  t.let_go();
  std::vector<uint8_t> out(25);
  t.copy_to(out.data() + 1);  // at any alignment
  EXPECT_EQ(std::memcmp(out.data() + 1, kElements.data(), 24), 0);
  EXPECT_FALSE(t.holds_bytes());
  elements().copy_to(out.data());
  EXPECT_EQ(std::memcmp(out.data(), kElements.data(), 24), 0);
}

TEST(PackedForm, WithoutOneTheBytesStay) {
  const Tensor t = elements();
  t.let_go();
  EXPECT_TRUE(t.holds_bytes());
  Tensor().let_go();
  EXPECT_FALSE(Tensor().pinned().defined());
}

TEST(PackedFormDeathTest, WritingToPackedBytesIsOurBug) {
  Tensor t = elements();
  int unpacked = 0;
  t.keep_as(reversed(t, &unpacked));
  t.let_go();
  EXPECT_DEATH_IF_SUPPORTED(t.mutable_bytes(), "");
}

}  // namespace
}  // namespace halftone
