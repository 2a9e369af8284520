// Reads the protobuf fields of an ONNX file, as far as tests look into one: nothing but the wire format and the few field
// numbers of onnx.proto that they name.

export interface Field {
  number: number;
  wire: number;
  /** Of wire type 2, the payload; else the encoded value. */
  bytes: Uint8Array;
}

function readVarint(bytes: Uint8Array, start: number): [bigint, number] {
  let value = 0n;
  let at = start;
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[at++] as number;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
}

export function readFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag, afterTag] = readVarint(bytes, at);
    const wire = Number(tag & 7n);
    let start = afterTag;
    let end: number;
    if (wire === 2) {
      const [length, begin] = readVarint(bytes, afterTag);
      start = begin;
      end = begin + Number(length);
    } else {
      end = wire === 0 ? readVarint(bytes, afterTag)[1] : afterTag + (wire === 1 ? 8 : 4);
    }
    fields.push({ number: Number(tag >> 3n), wire, bytes: bytes.subarray(start, end) });
    at = end;
  }
  return fields;
}

export const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes ?? new Uint8Array());

// Field numbers of onnx.proto.
export const MODEL_GRAPH = 7;
export const GRAPH_NODE = 1;
export const GRAPH_INPUT = 11;
export const GRAPH_OUTPUT = 12;
export const NODE_INPUT = 1;
export const NODE_OUTPUT = 2;
export const NODE_OP_TYPE = 4;
export const NODE_DOMAIN = 7;

export interface FileNode {
  op: string;
  /** '' for ai.onnx. */
  domain: string;
  inputs: string[];
  outputs: string[];
}

/** The nodes of a file's graph in order (not those inside of nodes). */
export function readNodes(file: Uint8Array): FileNode[] {
  const graph = readFields(file).find((field) => field.number === MODEL_GRAPH);
  const parts = readFields(graph?.bytes ?? new Uint8Array());
  return parts.filter((part) => part.number === GRAPH_NODE).map((part) => readNode(part.bytes));
}

function readNode(bytes: Uint8Array): FileNode {
  const fields = readFields(bytes);
  const all = (number: number) => fields.filter((field) => field.number === number).map((field) => text(field.bytes));
  return {
    op: all(NODE_OP_TYPE)[0] ?? '',
    domain: all(NODE_DOMAIN)[0] ?? '',
    inputs: all(NODE_INPUT),
    outputs: all(NODE_OUTPUT),
  };
}
