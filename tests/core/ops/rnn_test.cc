// RNN, GRU, LSTM against the formulas of the specification, unit by unit in double: every direction, layout, peepholes,
// initial states and sequence lengths of different size.
#include <cmath>
#include <functional>

#include "core/base/rng.h"
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

using Vector = std::vector<double>;
using Function = std::function<double(double)>;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double hyperbolic(double x) { return std::tanh(x); }

struct RnnCase {
  std::string name, op;
  std::string direction = "forward";
  bool batched = false, biased = true, initial = true, lengths = true, peepholes = false;
  Attributes more = {};
  int64_t steps = 4, batch = 3, inputs = 5, hidden = 6;
};

void PrintTo(const RnnCase& c, std::ostream* out) { *out << c.op << " " << c.name; }

Tensor noise(Dims dims, uint64_t seed) {
  Rng rng(seed);
  Tensor t = *Tensor::allocate(DType::kFloat, std::move(dims));
  for (float& v : t.mutable_data<float>()) v = rng.uniform(-1, 1);
  return t;
}

// Everything of one case, and access by position whatever the layout.
struct Data {
  const RnnCase& c;
  int64_t gates, directions;
  Tensor x, w, r, b, lengths, h, state, p;

  explicit Data(const RnnCase& given) : c(given) {
    gates = c.op == "RNN" ? 1 : c.op == "GRU" ? 3 : 4;
    directions = c.direction == "bidirectional" ? 2 : 1;
    const int64_t n = gates * c.hidden;
    const Dims start = c.batched ? Dims{c.batch, directions, c.hidden} : Dims{directions, c.batch, c.hidden};
    x = noise(c.batched ? Dims{c.batch, c.steps, c.inputs} : Dims{c.steps, c.batch, c.inputs}, 1);
    w = noise({directions, n, c.inputs}, 2);
    r = noise({directions, n, c.hidden}, 3);
    if (c.biased) b = noise({directions, 2 * n}, 4);
    if (c.lengths) lengths = Tensor::of<int32_t>({3}, {4, 0, 2});
    if (c.initial) h = noise(start, 5);
    if (c.initial && c.op == "LSTM") state = noise(start, 6);
    if (c.peepholes) p = noise({directions, 3 * c.hidden}, 7);
  }
  double at(const Tensor& t, int64_t i) const {
    return t.defined() ? static_cast<double>(t.data<float>()[static_cast<size_t>(i)]) : 0;
  }
  double input(int64_t t, int64_t s, int64_t i) const {
    return at(x, ((c.batched ? s * c.steps + t : t * c.batch + s)) * c.inputs + i);
  }
  int64_t state_index(int64_t d, int64_t s, int64_t k) const {
    return (c.batched ? s * directions + d : d * c.batch + s) * c.hidden + k;
  }
  double w_bias(int64_t d, int64_t row) const { return at(b, d * 2 * gates * c.hidden + row); }
  double r_bias(int64_t d, int64_t row) const { return at(b, d * 2 * gates * c.hidden + gates * c.hidden + row); }
  double x_sum(int64_t d, int64_t row, int64_t t, int64_t s) const {
    double sum = w_bias(d, row);
    for (int64_t i = 0; i < c.inputs; ++i) sum += input(t, s, i) * at(w, (d * gates * c.hidden + row) * c.inputs + i);
    return sum;
  }
  double h_sum(int64_t d, int64_t row, const Vector& before) const {
    double sum = 0;
    for (int64_t k = 0; k < c.hidden; ++k) {
      sum += before[static_cast<size_t>(k)] * at(r, (d * gates * c.hidden + row) * c.hidden + k);
    }
    return sum;
  }
};

// One step of one sequence: h and cell become the new ones.
void step(const Data& data, int64_t d, int64_t t, int64_t s, Vector& h, Vector& cell) {
  const RnnCase& c = data.c;
  const int64_t n = c.hidden;
  const Vector before = h;
  const auto gate = [&](int64_t g, int64_t k) {
    return data.x_sum(d, g * n + k, t, s) + data.h_sum(d, g * n + k, before) + data.r_bias(d, g * n + k);
  };
  const auto peep = [&](int64_t part, int64_t k) { return data.at(data.p, (d * 3 + part) * n + k); };
  const bool linear = c.more.contains("linear_before_reset");
  Vector scaled(before.size());
  if (c.op == "GRU") {
    for (int64_t k = 0; k < n; ++k)
      scaled[static_cast<size_t>(k)] = sigmoid(gate(1, k)) * before[static_cast<size_t>(k)];
  }
  for (int64_t k = 0; k < n; ++k) {
    const size_t u = static_cast<size_t>(k);
    if (c.op == "RNN") {
      h[u] = hyperbolic(gate(0, k));
    } else if (c.op == "GRU") {
      const double z = sigmoid(gate(0, k)), reset = sigmoid(gate(1, k));
      const int64_t row = 2 * n + k;
      const double inner = linear ? reset * (data.h_sum(d, row, before) + data.r_bias(d, row))
                                  : data.h_sum(d, row, scaled) + data.r_bias(d, row);
      h[u] = (1 - z) * hyperbolic(data.x_sum(d, row, t, s) + inner) + z * before[u];
    } else {
      const double i = sigmoid(gate(0, k) + peep(0, k) * cell[u]);
      const double f = c.more.contains("input_forget") ? 1 - i : sigmoid(gate(2, k) + peep(2, k) * cell[u]);
      cell[u] = f * cell[u] + i * hyperbolic(gate(3, k));
      h[u] = sigmoid(gate(1, k) + peep(1, k) * cell[u]) * hyperbolic(cell[u]);
    }
  }
}

OpCase expected_case(const RnnCase& c) {
  const Data data(c);
  const bool lstm = c.op == "LSTM";
  Tensor y = *Tensor::allocate(DType::kFloat, c.batched ? Dims{c.batch, c.steps, data.directions, c.hidden}
                                                        : Dims{c.steps, data.directions, c.batch, c.hidden});
  Tensor last =
      noise(c.batched ? Dims{c.batch, data.directions, c.hidden} : Dims{data.directions, c.batch, c.hidden}, 0);
  Tensor last_cell = noise(last.dims(), 0);
  for (int64_t d = 0; d < data.directions; ++d) {
    const bool reverse = d == 1 || c.direction == "reverse";
    for (int64_t s = 0; s < c.batch; ++s) {
      Vector h, cell;
      for (int64_t k = 0; k < c.hidden; ++k) {
        h.push_back(data.at(data.h, data.state_index(d, s, k)));
        cell.push_back(data.at(data.state, data.state_index(d, s, k)));
      }
      const int64_t length = c.lengths ? data.lengths.data<int32_t>()[static_cast<size_t>(s)] : c.steps;
      for (int64_t i = 0; i < c.steps; ++i) {
        const int64_t t = i >= length ? i : reverse ? length - 1 - i : i;
        if (i < length) step(data, d, t, s, h, cell);
        const int64_t row =
            c.batched ? (s * c.steps + t) * data.directions + d : (t * data.directions + d) * c.batch + s;
        for (int64_t k = 0; k < c.hidden; ++k) {
          y.mutable_data<float>()[static_cast<size_t>(row * c.hidden + k)] =
              i < length ? static_cast<float>(h[static_cast<size_t>(k)]) : 0.0f;
        }
      }
      for (int64_t k = 0; k < c.hidden; ++k) {
        const size_t at = static_cast<size_t>(data.state_index(d, s, k));
        last.mutable_data<float>()[at] = static_cast<float>(h[static_cast<size_t>(k)]);
        last_cell.mutable_data<float>()[at] = static_cast<float>(cell[static_cast<size_t>(k)]);
      }
    }
  }
  OpCase out{c.name, c.op, 14, c.more, {data.x, data.w, data.r, data.b, data.lengths, data.h}, {y, last}, 2e-6};
  out.attributes["direction"] = text(c.direction);
  out.attributes["hidden_size"] = integer(c.hidden);
  if (c.batched) out.attributes["layout"] = integer(1);
  if (lstm) {
    out.inputs.push_back(data.state);
    out.inputs.push_back(data.p);
    out.expected.push_back(last_cell);
  }
  return out;
}

std::vector<RnnCase> rnn_cases() {
  std::vector<RnnCase> cases;
  for (const std::string op : {"RNN", "GRU", "LSTM"}) {
    for (const std::string direction : {"forward", "reverse", "bidirectional"}) {
      cases.push_back({direction, op, direction});
      cases.push_back({direction + "_batched", op, direction, true});
    }
    cases.push_back({"bare", op, "forward", false, false, false, false});
  }
  cases.push_back(
      {"linear", "GRU", "bidirectional", false, true, true, true, false, {{"linear_before_reset", integer(1)}}});
  cases.push_back(
      {"linear_bare", "GRU", "forward", false, false, false, false, false, {{"linear_before_reset", integer(1)}}});
  cases.push_back({"peepholes", "LSTM", "bidirectional", false, true, true, true, true});
  cases.push_back({"coupled", "LSTM", "forward", false, true, true, true, true, {{"input_forget", integer(1)}}});
  return cases;
}

class Rnn : public ::testing::TestWithParam<RnnCase> {};
TEST_P(Rnn, FollowsTheFormula) { check_op(expected_case(GetParam())); }
INSTANTIATE_TEST_SUITE_P(Cases, Rnn, ::testing::ValuesIn(rnn_cases()),
                         [](const auto& info) { return info.param.op + "_" + info.param.name; });

// One unit, weights 1, x = 1: the sum of the gate is 1, so that y shows the function.
Tensor one() { return f({1, 1, 1}, {1}); }
const std::vector<OpCase>& activation_cases() {
  const auto named = [](std::string name, std::vector<float> alpha, std::vector<float> beta, float y) {
    OpCase c{name,
             "RNN",
             14,
             {{"hidden_size", integer(1)}, {"activations", Attribute(std::vector<std::string>{name})}},
             {one(), one(), one()},
             {f({1, 1, 1, 1}, {y})}};
    if (!alpha.empty()) c.attributes["activation_alpha"] = Attribute(alpha);
    if (!beta.empty()) c.attributes["activation_beta"] = Attribute(beta);
    return c;
  };
  static const std::vector<OpCase> kCases = {
      named("Affine", {2}, {3}, 5),
      named("ScaledTanh", {2}, {0.5f}, static_cast<float>(2 * std::tanh(0.5))),
      named("HardSigmoid", {}, {}, 0.7f),
      named("Relu", {}, {}, 1),
      named("ThresholdedRelu", {1.5f}, {}, 0),
      named("Softsign", {}, {}, 0.5f),
      {"Clipped",
       "RNN",
       14,
       {{"hidden_size", integer(1)}, {"clip", real(0.25f)}},
       {one(), one(), one()},
       {f({1, 1, 1, 1}, {static_cast<float>(std::tanh(0.25))})}},
  };
  return kCases;
}
class RnnActivations : public ::testing::TestWithParam<OpCase> {};
TEST_P(RnnActivations, ComputeAndInfer) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Cases, RnnActivations, ::testing::ValuesIn(activation_cases()), case_name<OpCase>);

const std::vector<BadCase>& bad_cases() {
  static const std::vector<BadCase> kCases = {
      {"Direction",
       "LSTM",
       14,
       {{"direction", text("up")}},
       {one(), f({1, 4, 1}, {1, 1, 1, 1}), f({1, 4, 1}, {1, 1, 1, 1})},
       "direction"},
      {"Weights", "GRU", 14, {}, {one(), one(), one()}, "input 1"},
      {"Function",
       "RNN",
       14,
       {{"activations", Attribute(std::vector<std::string>{"Magic"})}},
       {one(), one(), one()},
       "magic",
       ErrorCode::kUnsupportedOperator},
      {"Lengths", "RNN", 14, {}, {one(), one(), one(), Tensor(), Tensor::of<int32_t>({1}, {2})}, "sequence_lens"},
  };
  return kCases;
}
class BadRnn : public ::testing::TestWithParam<BadCase> {};
TEST_P(BadRnn, IsRefused) { check_bad_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Cases, BadRnn, ::testing::ValuesIn(bad_cases()), case_name<BadCase>);

}  // namespace
}  // namespace halftone::testing
