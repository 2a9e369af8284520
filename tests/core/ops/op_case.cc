// Checks of operator cases; see the header.
#include "tests/core/ops/op_case.h"

#include <cmath>

#include "core/ops/evaluate.h"
#include "core/ops/op_def.h"
#include "core/ops/shape_inference.h"
#include "core/tensor/convert.h"

namespace halftone::testing {
namespace {

// "com.microsoft.Gelu" -> that domain; a name without dots is ai.onnx.
std::string domain_of(const std::string& op) {
  return op.substr(0, op.rfind('.') == std::string::npos ? 0 : op.rfind('.'));
}
std::string type_of(const std::string& op) { return op.substr(op.rfind('.') + 1); }

Node make_node(const std::string& op, const Attributes& attributes) {
  Node node;
  node.name = "tested";
  node.op_type = type_of(op);
  node.domain = domain_of(op);
  node.attributes = attributes;
  return node;
}

enum class InputKind { kConstant, kSized, kSymbolic };

SymShape shape_for(InputKind kind, const Tensor& t, size_t i) {
  if (kind != InputKind::kSymbolic) return SymShape::of(t.dims());
  std::vector<Dim> dims;
  for (int64_t k = 0; k < t.rank(); ++k) dims.emplace_back("s" + std::to_string(i) + "_" + std::to_string(k));
  return SymShape(std::move(dims));
}

// A model of the one node, whose float inputs are constants, sized or symbolic graph inputs. Integer inputs, which are
// usually arguments, stay constants unless `arguments_too`.
Model model_of(const OpCase& c, InputKind kind, bool arguments_too) {
  Model model;
  model.opset_imports[""] = c.opset;
  model.opset_imports[domain_of(c.op)] = c.opset;
  Node node = make_node(c.op, c.attributes);
  for (size_t i = 0; i < c.inputs.size(); ++i) {
    const Tensor& t = c.inputs[i];
    if (!t.defined()) {
      node.inputs.push_back(kNoValue);
    } else if (kind == InputKind::kConstant || (!arguments_too && i > 0 && !is_float(t.dtype()))) {
      node.inputs.push_back(model.graph.add_constant("in", t));
    } else {
      node.inputs.push_back(model.graph.add_value("in", t.dtype(), shape_for(kind, t, i)));
      model.graph.inputs.push_back(node.inputs.back());
    }
  }
  for (const Tensor& t : c.expected) {
    node.outputs.push_back(t.defined() ? model.graph.add_value("out") : kNoValue);
    if (t.defined()) model.graph.outputs.push_back(node.outputs.back());
  }
  model.graph.nodes.push_back(std::move(node));
  return model;
}

void check_inference(const OpCase& c, InputKind kind, bool arguments_too) {
  SCOPED_TRACE("inference with inputs of kind " + std::to_string(static_cast<int>(kind)) +
               (arguments_too ? " and open arguments" : ""));
  Model model = model_of(c, kind, arguments_too);
  const Status status = infer_shapes(model);
  ASSERT_TRUE(status.ok()) << status.error().message;
  for (size_t i = 0; i < c.expected.size(); ++i) {
    if (!c.expected[i].defined()) continue;
    const Value& value = model.graph.value(model.graph.nodes[0].outputs[i]);
    EXPECT_EQ(dtype_name(value.dtype), dtype_name(c.expected[i].dtype())) << "output " << i;
    EXPECT_TRUE(value.shape.accepts(c.expected[i].dims()))
        << "output " << i << ": inferred " << value.shape.to_string() << ", ran " << to_string(c.expected[i].dims());
    if (kind == InputKind::kConstant) {
      EXPECT_TRUE(value.shape.concrete().has_value()) << "output " << i << ": " << value.shape.to_string();
    }
  }
}

void check_values(const Tensor& got, const Tensor& want, double tolerance) {
  ASSERT_EQ(dtype_name(got.dtype()), dtype_name(want.dtype()));
  ASSERT_EQ(got.dims(), want.dims());
  if (want.dtype() == DType::kString) {
    EXPECT_EQ(got.string_data(), want.string_data());
    return;
  }
  for (int64_t i = 0; i < got.size(); ++i) {
    const double a = element_as_double(got.dtype(), got.bytes(), i),
                 b = element_as_double(want.dtype(), want.bytes(), i);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    EXPECT_NEAR(a, b, is_float(want.dtype()) ? tolerance * (1 + std::abs(b)) : 0) << "element " << i;
  }
}

}  // namespace

Tensor counting(Dims dims) {
  Tensor t = *Tensor::allocate(DType::kFloat, std::move(dims));
  float next = 0;
  for (float& v : t.mutable_data<float>()) v = next++;
  return t;
}

void check_op(const OpCase& c) {
  const OpDef* op = find_op(domain_of(c.op), type_of(c.op), c.opset);
  ASSERT_NE(op, nullptr) << c.op;
  ASSERT_NE(op->run, nullptr);
  const Model model = model_of(c, InputKind::kConstant, false);
  auto outputs = evaluate_node(*op, model.graph.nodes[0], c.opset, c.inputs);
  ASSERT_TRUE(outputs.ok()) << outputs.error().message;
  ASSERT_EQ(outputs->size(), c.expected.size());
  for (size_t i = 0; i < c.expected.size(); ++i) {
    SCOPED_TRACE("output " + std::to_string(i));
    ASSERT_EQ((*outputs)[i].defined(), c.expected[i].defined());
    if (c.expected[i].defined()) check_values((*outputs)[i], c.expected[i], c.tolerance);
  }
  check_inference(c, InputKind::kConstant, false);
  for (bool arguments_too : {false, true}) {
    check_inference(c, InputKind::kSized, arguments_too);
    check_inference(c, InputKind::kSymbolic, arguments_too);
  }
}

void check_bad_op(const BadCase& c) {
  const OpDef* op = find_op(domain_of(c.op), type_of(c.op), c.opset);
  ASSERT_NE(op, nullptr) << c.op;
  Node node = make_node(c.op, c.attributes);
  node.outputs = {0};
  auto outputs = evaluate_node(*op, node, c.opset, c.inputs);
  ASSERT_FALSE(outputs.ok());
  EXPECT_EQ(error_code_name(outputs.error().code), error_code_name(c.code)) << outputs.error().message;
  EXPECT_NE(outputs.error().message.find(c.message), std::string::npos) << outputs.error().message;
}

}  // namespace halftone::testing
