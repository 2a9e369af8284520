// halftone.Chain: float functions of one or two elements one after another, as fusion leaves them (compile's
// fuse_chains). Its links are an attribute of the node; it exists in compiled graphs only and is never written to a
// file.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/graph/graph.h"
#include "core/kernels/eltwise/chain.h"

namespace halftone {

inline constexpr std::string_view kChainOp = "Chain";
inline constexpr size_t kMaxChainInputs = 8, kMaxChainLinks = 16;

struct ChainLink {
  enum class Kind : uint8_t { kUnary, kBinary, kClip };
  Kind kind = Kind::kUnary;
  uint8_t function = 0;  // Unary or Binary
  int a = 0, b = 0;      // operands: i is the node's input i, ~i the result of link i before this one
  UnaryParams params;    // of a Unary, or the bounds of a clip
};

// Steps with places for their results; nullopt where kChainSlots do not suffice or the links are not a chain: each
// result is used after it was made, the last one is the result of all.
std::optional<std::vector<ChainStep>> chain_steps(std::span<const ChainLink> links, size_t inputs);

// The largest number of elements up to kChainPiece that all these constants repeat in; 0: there is none.
int64_t chain_piece(std::span<const int64_t> periods);

// Makes a node of these links, or reads them again; nullopt: no well-formed links.
void put_chain_links(Node& node, std::span<const ChainLink> links);
std::optional<std::vector<ChainLink>> get_chain_links(const Node& node);

}  // namespace halftone
