// Chains of float functions; see the header. A constant that repeats along the elements (a number per channel, channels
// innermost) is laid out once for a whole piece.
#include "core/ops/chain.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/base/parallel.h"
#include "core/ops/families.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"

namespace halftone {
namespace {

constexpr std::string_view kLinksAttr = "halftone.links";    // per link: kind, function, a, b
constexpr std::string_view kParamsAttr = "halftone.params";  // per link: two numbers

struct Chain final : OpState {
  std::vector<ChainStep> steps;
  std::vector<Tensor> repeated;  // by input: `piece` elements of a constant that repeats; undefined: it does not
  int64_t piece = kChainPiece;
};

Tensor repeat(const Tensor& constant, int64_t piece) {
  const auto from = constant.data<float>();
  std::vector<float> all(static_cast<size_t>(piece));
  for (size_t i = 0; i < all.size(); ++i) all[i] = from[i % from.size()];
  return Tensor::of<float>({piece}, all);
}

bool repeats(const Tensor* constant) {
  return constant != nullptr && constant->dtype() == DType::kFloat && constant->size() > 1 &&
         constant->size() <= kChainPiece;
}

Result<std::unique_ptr<OpState>> prepare_chain(PrepareContext& ctx) {
  const auto links = get_chain_links(ctx.node());
  const size_t inputs = ctx.node().inputs.size();
  auto steps = links ? chain_steps(*links, inputs) : std::nullopt;
  if (!steps || inputs > kMaxChainInputs) return invalid_model("Chain without links that fit");
  auto chain = std::make_unique<Chain>();
  chain->steps = *std::move(steps);
  std::vector<int64_t> periods;
  for (size_t i = 0; i < inputs; ++i) {
    if (repeats(ctx.constant(i))) periods.push_back(ctx.constant(i)->size());
  }
  chain->piece = chain_piece(periods);
  if (chain->piece == 0) return invalid_model("Chain of constants that do not repeat together");
  for (size_t i = 0; i < inputs; ++i) {
    const bool is_repeated = repeats(ctx.constant(i));
    chain->repeated.push_back(is_repeated ? repeat(*ctx.constant(i), chain->piece) : Tensor());
  }
  return std::unique_ptr<OpState>(std::move(chain));
}

Result<ChainOperand> operand(const RunContext& ctx, const Chain& chain, size_t i, int64_t size) {
  const View& view = ctx.input(i);
  if (view.dtype != DType::kFloat) return invalid_model("Chain takes float");
  if (view.size() == size) return ChainOperand{view.as<float>(), ChainOperand::kDense};
  if (view.size() == 1) return ChainOperand{view.as<float>(), ChainOperand::kSingle};
  const Tensor& repeated = chain.repeated[i];
  if (!repeated.defined() || size % view.size() != 0) {
    return invalid_model("input " + std::to_string(i) + " of Chain, " + to_string(view.dims) +
                         ", does not fit the first");
  }
  return ChainOperand{repeated.data<float>().data(), ChainOperand::kRepeats};
}

Status run_chain(RunContext& ctx) {
  const auto& chain = *static_cast<const Chain*>(ctx.state());
  const size_t count = ctx.input_count();
  std::array<ChainOperand, kMaxChainInputs> operands;
  const View& like = ctx.input(0);
  for (size_t i = 0; i < count; ++i) {
    HT_ASSIGN(operands[i], operand(ctx, chain, i, like.size()));
  }
  HT_ASSIGN(const MutView y, ctx.output(0, DType::kFloat, like.dims));
  const int64_t pieces = (like.size() + chain.piece - 1) / chain.piece;
  parallel_for(pieces, 16, [&](int64_t begin, int64_t end) {
    chain_run(chain.steps, std::span(operands).first(count), chain.piece, begin * chain.piece,
              std::min(end * chain.piece, like.size()), y.as<float>());
  });
  return ok_status();
}

// What a link computes; false: nothing.
bool find_row(const ChainLink& link, ChainStep& step) {
  step.params = link.params;
  switch (link.kind) {
    case ChainLink::Kind::kUnary:
      step.unary = unary_row(static_cast<Unary>(link.function), DType::kFloat);
      return step.unary != nullptr;
    case ChainLink::Kind::kBinary:
      step.binary = binary_row(static_cast<Binary>(link.function), DType::kFloat);
      return step.binary != nullptr;
    case ChainLink::Kind::kClip:
      step.clip = clip_row(DType::kFloat);
      return true;
  }
  return false;
}

}  // namespace

std::optional<std::vector<ChainStep>> chain_steps(std::span<const ChainLink> links, size_t inputs) {
  if (links.empty() || links.size() > kMaxChainLinks) return std::nullopt;
  std::vector<size_t> last_use(links.size(), 0);
  for (size_t i = 0; i < links.size(); ++i) {
    for (int operand : {links[i].a, links[i].b}) {
      if (operand >= static_cast<int>(inputs) || (operand < 0 && ~operand >= static_cast<int>(i))) return std::nullopt;
      if (operand < 0) last_use[static_cast<size_t>(~operand)] = i;
    }
  }
  std::vector<ChainStep> steps(links.size());
  // The first link that may write to each slot again. No row writes where it reads: loops that might are not
  // vectorized.
  std::array<size_t, kChainSlots> busy{};
  const auto place = [&](int operand) { return operand >= 0 ? operand : steps[static_cast<size_t>(~operand)].out; };
  for (size_t i = 0; i < links.size(); ++i) {
    ChainStep& step = steps[i];
    if (!find_row(links[i], step)) return std::nullopt;
    step.a = place(links[i].a);
    step.b = place(links[i].b);
    if (i + 1 == links.size()) break;
    const auto slot = std::find_if(busy.begin(), busy.end(), [&](size_t until) { return until <= i; });
    if (slot == busy.end() || last_use[i] == 0) return std::nullopt;
    *slot = last_use[i] + 1;
    step.out = static_cast<int>(inputs) + static_cast<int>(slot - busy.begin());
  }
  return steps;
}

int64_t chain_piece(std::span<const int64_t> periods) {
  int64_t all = 1;
  for (int64_t period : periods) {
    all = std::lcm(all, period);
    if (all > kChainPiece) return 0;
  }
  return kChainPiece / all * all;
}

void put_chain_links(Node& node, std::span<const ChainLink> links) {
  std::vector<int64_t> ints;
  std::vector<float> params;
  for (const ChainLink& link : links) {
    ints.insert(ints.end(), {static_cast<int64_t>(link.kind), link.function, link.a, link.b});
    params.insert(params.end(), {link.params.a, link.params.b});
  }
  node.domain = kInternalDomain;
  node.op_type = kChainOp;
  node.attributes.clear();
  node.attributes[std::string(kLinksAttr)] = Attribute(std::move(ints));
  node.attributes[std::string(kParamsAttr)] = Attribute(std::move(params));
}

std::optional<std::vector<ChainLink>> get_chain_links(const Node& node) {
  const std::vector<int64_t> ints = node.ints_attr(kLinksAttr);
  const std::vector<float> params = node.floats_attr(kParamsAttr);
  if (ints.empty() || ints.size() % 4 != 0 || params.size() * 2 != ints.size()) return std::nullopt;
  std::vector<ChainLink> links;
  for (size_t i = 0; i < ints.size() / 4; ++i) {
    links.push_back({static_cast<ChainLink::Kind>(ints[4 * i]),
                     static_cast<uint8_t>(ints[4 * i + 1]),
                     static_cast<int>(ints[4 * i + 2]),
                     static_cast<int>(ints[4 * i + 3]),
                     {params[2 * i], params[2 * i + 1]}});
  }
  return links;
}

std::span<const OpDef> chain_ops() {
  static constexpr OpDef kOps[] = {{.name = kChainOp,
                                    .domain = kInternalDomain,
                                    .since = 0,
                                    .schema = {1, -1, 1, 1},
                                    .infer = infer_like,
                                    .run = run_chain,
                                    .prepare = prepare_chain,
                                    .cost = elementwise_cost}};
  return kOps;
}

}  // namespace halftone
