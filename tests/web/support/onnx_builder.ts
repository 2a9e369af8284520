// Makes ONNX files for tests: a small protobuf writer and the messages of onnx.proto that tests need.
// Field numbers are those of onnx.proto. Nothing is checked, so that broken models can be made too.

export type Dim = number | string;
export type AttributeValue = number | string | number[] | { float: number };

export interface TensorSpec {
  name: string;
  dims: number[];
  data: Float32Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;
  /** Stored in another file: its name, and where in it. */
  external?: { location: string; offset: number };
}

export interface ValueSpec {
  name: string;
  /** onnx.TensorProto.DataType; default FLOAT. */
  elementType?: number;
  dims: Dim[];
}

export interface NodeSpec {
  op: string;
  inputs: string[];
  outputs: string[];
  name?: string;
  domain?: string;
  attributes?: Record<string, AttributeValue>;
}

export interface ModelSpec {
  nodes: NodeSpec[];
  inputs: ValueSpec[];
  outputs: ValueSpec[];
  initializers?: TensorSpec[];
  opset?: number;
  irVersion?: number;
}

export const FLOAT = 1;
export const INT64 = 7;
export const STRING = 8;
export const FLOAT16 = 10;

/** Protobuf fields, one after the other. */
export class Writer {
  readonly #chunks: Uint8Array[] = [];

  #varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    do {
      const more = rest > 127n;
      bytes.push(Number(rest & 127n) | (more ? 128 : 0));
      rest >>= 7n;
    } while (rest > 0n);
    this.#chunks.push(Uint8Array.from(bytes));
  }

  int(field: number, value: number | bigint): this {
    this.#varint(BigInt(field) << 3n);
    this.#varint(BigInt(value));
    return this;
  }

  float(field: number, value: number): this {
    this.#varint((BigInt(field) << 3n) | 5n);
    this.#chunks.push(new Uint8Array(new Float32Array([value]).buffer));
    return this;
  }

  /** A field whose value is encoded already. */
  raw(field: number, wire: number, value: Uint8Array): this {
    this.#varint((BigInt(field) << 3n) | BigInt(wire));
    this.#chunks.push(value);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((BigInt(field) << 3n) | 2n);
    this.#varint(BigInt(value.length));
    this.#chunks.push(value);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Writer): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#chunks.reduce((total, chunk) => total + chunk.length, 0));
    let offset = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk, offset);
      offset += chunk.length;
    }
    return out;
  }
}

const dataTypes = new Map<unknown, number>([
  [Float32Array, 1],
  [Uint8Array, 2],
  [Int8Array, 3],
  [Int32Array, 6],
  [BigInt64Array, 7],
]);

function tensor({ name, dims, data, external }: TensorSpec): Writer {
  const out = new Writer();
  for (const dim of dims) out.int(1, dim);
  out.int(2, dataTypes.get(data.constructor) ?? 0).text(8, name);
  if (!external) return out.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const entry = (key: string, value: string) => new Writer().text(1, key).text(2, value);
  out.message(13, entry('location', external.location));
  out.message(13, entry('offset', String(external.offset)));
  out.message(13, entry('length', String(data.byteLength)));
  return out.int(14, 1);
}

function value({ name, elementType = FLOAT, dims }: ValueSpec): Writer {
  const shape = new Writer();
  for (const dim of dims) {
    shape.message(1, typeof dim === 'number' ? new Writer().int(1, dim) : new Writer().text(2, dim));
  }
  const type = new Writer().message(1, new Writer().int(1, elementType).message(2, shape));
  return new Writer().text(1, name).message(2, type);
}

function attribute(name: string, payload: AttributeValue): Writer {
  const out = new Writer().text(1, name);
  if (typeof payload === 'string') return out.text(4, payload).int(20, 3);
  if (typeof payload === 'number') return out.int(3, payload).int(20, 2);
  if (!Array.isArray(payload)) return out.float(2, payload.float).int(20, 1);
  for (const item of payload) out.int(8, item);
  return out.int(20, 7);
}

function node({ op, inputs, outputs, name = '', domain = '', attributes = {} }: NodeSpec): Writer {
  const out = new Writer();
  for (const input of inputs) out.text(1, input);
  for (const output of outputs) out.text(2, output);
  out.text(3, name).text(4, op).text(7, domain);
  for (const [key, payload] of Object.entries(attributes)) out.message(5, attribute(key, payload));
  return out;
}

/** The bytes of an ONNX file. */
export function buildModel({
  nodes,
  inputs,
  outputs,
  initializers = [],
  opset = 13,
  irVersion = 8,
}: ModelSpec): Uint8Array {
  const graph = new Writer().text(2, 'test');
  for (const spec of nodes) graph.message(1, node(spec));
  for (const spec of initializers) graph.message(5, tensor(spec));
  for (const spec of inputs) graph.message(11, value(spec));
  for (const spec of outputs) graph.message(12, value(spec));
  return new Writer()
    .int(1, irVersion)
    .text(2, 'halftone-tests')
    .message(7, graph)
    .message(8, new Writer().text(1, '').int(2, opset))
    .finish();
}
