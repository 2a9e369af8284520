// Tensors as they cross the library's border, with the type names of onnxruntime-web.

export type TensorType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool'
  | 'string'
  | 'int4'
  | 'uint4'
  | 'int2'
  | 'uint2'
  | 'float8e4m3fn'
  | 'float8e4m3fnuz'
  | 'float8e5m2'
  | 'float8e5m2fnuz'
  | 'float8e8m0'
  | 'float4e2m1'
  | 'complex64'
  | 'complex128';

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

/** `data` holds packed elements in row-major order; float16/bfloat16 as Uint16Array bit patterns, bool and sub-byte types as Uint8Array. */
export interface Tensor {
  type: TensorType;
  dims: readonly number[];
  data: TensorData;
}

export type Feeds = Record<string, Tensor>;
