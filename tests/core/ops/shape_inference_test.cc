// Inference over graphs: symbols that survive arithmetic on shapes, constants computed on the way, contradictions.
#include "core/ops/shape_inference.h"

#include <gtest/gtest.h>

#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

// A model built by value names, in order of calls.
class Builder {
 public:
  explicit Builder(int64_t opset = 13) { model.opset_imports[""] = opset; }
  ValueId input(const std::string& name, std::vector<Dim> dims, DType type = DType::kFloat) {
    model.graph.inputs.push_back(model.graph.add_value(name, type, SymShape(std::move(dims))));
    return model.graph.inputs.back();
  }
  ValueId constant(Tensor t) { return model.graph.add_constant("c", std::move(t)); }
  ValueId node(const std::string& op, std::vector<ValueId> inputs, Attributes attributes = {}) {
    Node node;
    node.name = op;
    node.op_type = op;
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    node.outputs = {model.graph.add_value("v")};
    model.graph.nodes.push_back(node);
    return node.outputs[0];
  }
  std::string shape(ValueId id) const { return model.graph.value(id).shape.to_string(); }

  Model model;
};

TEST(ShapeInference, FlattenByShapeArithmeticKeepsTheBatch) {
  // x.view(x.size(0), -1), as exporters write it.
  Builder b;
  const ValueId x = b.input("x", {Dim("batch"), 8, 4, 4});
  const ValueId batch = b.node("Gather", {b.node("Shape", {x}), b.constant(i64({}, {0}))});
  const ValueId row = b.node("Unsqueeze", {batch, b.constant(list({0}))});
  const ValueId target = b.node("Concat", {row, b.constant(list({-1}))}, {{"axis", integer(0)}});
  const ValueId y = b.node("Reshape", {x, target});
  ASSERT_TRUE(infer_shapes(b.model).ok());
  EXPECT_EQ(b.shape(y), "[batch, 128]");
  EXPECT_EQ(b.model.graph.value(y).dtype, DType::kFloat);
}

TEST(ShapeInference, ArithmeticOnKnownSizesIsExact) {
  Builder b;
  const ValueId x = b.input("x", {2, 6});
  const ValueId columns = b.node("Gather", {b.node("Shape", {x}), b.constant(list({1}))});
  const ValueId half = b.node("Div", {columns, b.constant(list({2}))});
  const ValueId y = b.node("Reshape", {x, b.node("Concat", {b.constant(list({-1})), half}, {{"axis", integer(0)}})});
  ASSERT_TRUE(infer_shapes(b.model).ok());
  EXPECT_EQ(b.shape(y), "[4, 3]");
}

TEST(ShapeInference, NeutralArithmeticKeepsTheSymbol) {
  Builder b;
  const ValueId x = b.input("x", {Dim("n"), 3});
  const ValueId n = b.node("Gather", {b.node("Shape", {x}), b.constant(list({0}))});
  const ValueId same = b.node("Add", {b.node("Mul", {n, b.constant(list({1}))}), b.constant(list({0}))});
  const ValueId twice = b.node("Mul", {n, b.constant(list({2}))});
  const ValueId y = b.node("ConstantOfShape", {same});
  const ValueId z = b.node("ConstantOfShape", {twice});
  ASSERT_TRUE(infer_shapes(b.model).ok());
  EXPECT_EQ(b.shape(y), "[n]");
  EXPECT_EQ(b.shape(z), "[?]");
}

TEST(ShapeInference, SlicedAndSplitShapesStaySymbolic) {
  Builder b;
  const ValueId x = b.input("x", {Dim("n"), 3, Dim("h"), Dim("w")});
  const ValueId shape = b.node("Cast", {b.node("Shape", {x})}, {{"to", integer(7)}});
  const ValueId spatial = b.node("Slice", {shape, b.constant(list({2})), b.constant(list({4}))});
  const ValueId y = b.node("Expand", {b.constant(counting({1, 1})), spatial});
  ASSERT_TRUE(infer_shapes(b.model).ok());
  EXPECT_EQ(b.shape(y), "[h, w]");
}

TEST(ShapeInference, FeedShapesOverrideSymbols) {
  Builder b;
  const ValueId x = b.input("x", {Dim("batch"), 4});
  const ValueId y = b.node("Relu", {x});
  InferOptions options;
  options.input_dims["x"] = {5, 4};
  ASSERT_TRUE(infer_shapes(b.model, options).ok());
  EXPECT_EQ(b.shape(y), "[5, 4]");
  options.input_dims["x"] = {5, 5};
  const Status status = infer_shapes(b.model, options);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(status.error().where, "x");
}

TEST(ShapeInference, ContradictedDeclarationNamesTheNode) {
  Builder b;
  const ValueId x = b.input("x", {2, 4});
  const ValueId y = b.node("Relu", {x});
  b.model.graph.value(y).shape = SymShape::of(Dims{2, 5});
  const Status status = infer_shapes(b.model);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidModel);
  EXPECT_EQ(status.error().where, "Relu");
}

TEST(ShapeInference, DeclaredShapeFillsWhatInferenceLeavesOpen) {
  Builder b;
  const ValueId x = b.input("x", {Dim("n")});
  const ValueId target = b.input("target", {2}, DType::kInt64);
  const ValueId y = b.node("Reshape", {x, target});
  b.model.graph.value(y).shape = SymShape({Dim("n"), Dim(1)});
  ASSERT_TRUE(infer_shapes(b.model).ok());
  EXPECT_EQ(b.shape(y), "[n, 1]");
}

TEST(ShapeInference, UnknownOperatorsAreLeftOpenOrRefused) {
  Builder b;
  const ValueId y = b.node("Relu", {b.node("NoSuchOperator", {b.input("x", {2})})});
  ASSERT_TRUE(infer_shapes(b.model).ok());
  EXPECT_EQ(b.shape(y), "?");
  InferOptions strict;
  strict.allow_unknown_ops = false;
  const Status status = infer_shapes(b.model, strict);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kUnsupportedOperator);
  EXPECT_EQ(status.error().where, "NoSuchOperator");
}

TEST(ShapeInference, WrongNumberOfInputsIsRefused) {
  Builder b;
  b.node("Add", {b.input("x", {2})});
  const Status status = infer_shapes(b.model);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "Add has 1 inputs, expected 2");
}

TEST(ShapeInference, BadConstantArithmeticIsRefused) {
  Builder b;
  const ValueId c = b.constant(list({1, 2}));
  b.node("Gather", {c, b.constant(list({5}))});
  const Status status = infer_shapes(b.model);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidModel);
}

}  // namespace
}  // namespace halftone::testing
