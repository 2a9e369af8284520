// Cuts a QDQ model at its integers: every DequantizeLinear that reads another node's integers reads a graph input of
// its own instead, and every QuantizeLinear output becomes a graph output. So another runtime can be given our
// integers for every layer at once, and each layer is compared by itself: a rounding that goes the other way in one
// layer cannot spread. Edits the protobuf fields in place; everything else stays as it is.

import { Writer } from './onnx_builder';

interface Field {
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

function readFields(bytes: Uint8Array): Field[] {
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

function writeField(out: Writer, { number, wire, bytes }: Field): void {
  if (wire === 2) out.bytes(number, bytes);
  else out.raw(number, wire, bytes);
}

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes ?? new Uint8Array());

// Field numbers of onnx.proto.
const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_INPUT = 11;
const GRAPH_OUTPUT = 12;
const NODE_INPUT = 1;
const NODE_OP_TYPE = 4;

const elementTypes: Record<string, number> = { uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6 };

function valueInfo(name: string, type: string): Writer {
  const tensor = new Writer().int(1, elementTypes[type] ?? 0);
  return new Writer().text(1, name).message(2, new Writer().message(1, tensor));
}

export const inputOf = (name: string) => `${name}__given`;

function cutNode(bytes: Uint8Array, cut: Record<string, string>): Writer {
  const fields = readFields(bytes);
  const op = text(fields.find((f) => f.number === NODE_OP_TYPE)?.bytes);
  const out = new Writer();
  let first = true;
  for (const field of fields) {
    const name = field.number === NODE_INPUT && first ? text(field.bytes) : '';
    if (field.number === NODE_INPUT) first = false;
    if (op === 'DequantizeLinear' && name in cut) out.text(NODE_INPUT, inputOf(name));
    else writeField(out, field);
  }
  return out;
}

/** `cut`: the integer type of each QuantizeLinear output. */
export function cutAtQuantized(model: Uint8Array, cut: Record<string, string>): Uint8Array {
  const out = new Writer();
  for (const field of readFields(model)) {
    if (field.number !== MODEL_GRAPH) {
      writeField(out, field);
      continue;
    }
    const graph = new Writer();
    for (const part of readFields(field.bytes)) {
      if (part.number === GRAPH_NODE) graph.message(GRAPH_NODE, cutNode(part.bytes, cut));
      else writeField(graph, part);
    }
    for (const [name, type] of Object.entries(cut)) {
      graph.message(GRAPH_INPUT, valueInfo(inputOf(name), type)).message(GRAPH_OUTPUT, valueInfo(name, type));
    }
    out.message(MODEL_GRAPH, graph);
  }
  return out.finish();
}
