// ValueInfoProto <-> Value: type, symbolic shape, and what we carry without understanding it (types that are not
// tensors, denotations, metadata). Source: onnx.proto, ValueInfoProto and TypeProto.
#pragma once

#include "core/graph/graph.h"
#include "onnx.pb.h"

namespace halftone {

// Takes what `proto` says into `value` (its name apart). What an initializer already settled stays.
// Errors: kInvalidModel (impossible dimensions, types that disagree).
Status take_value_info(onnx::ValueInfoProto& proto, Value& value);

onnx::ValueInfoProto value_info_proto(const Value& value);

}  // namespace halftone
