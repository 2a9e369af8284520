// Unpacks gzip files of test data. Source: RFC 1951 (deflate), RFC 1952 (gzip). The checksum is not verified.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace halftone::testing {

// Empty where the bytes are not one gzip member.
std::vector<uint8_t> gunzip(std::span<const uint8_t> packed);

}  // namespace halftone::testing
