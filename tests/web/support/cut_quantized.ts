// Cuts a quantized model at its integers: whatever reads another node's integers reads a graph input of its own instead,
// and those integers become a graph output. So another runtime can be given our integers for every layer at once, and
// each layer is compared by itself: a rounding that goes the other way in one layer cannot spread. A layer is what
// stands between two QuantizeLinear nodes, or the integer operator that was made of it. Edits the protobuf fields in
// place; everything else stays as it is.

import { Writer } from './onnx_builder';
import {
  type Field,
  GRAPH_INPUT,
  GRAPH_NODE,
  GRAPH_OUTPUT,
  MODEL_GRAPH,
  NODE_INPUT,
  readFields,
  text,
} from './onnx_fields';

function writeField(out: Writer, { number, wire, bytes }: Field): void {
  if (wire === 2) out.bytes(number, bytes);
  else out.raw(number, wire, bytes);
}

const elementTypes: Record<string, number> = { uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6 };

function valueInfo(name: string, type: string): Writer {
  const tensor = new Writer().int(1, elementTypes[type] ?? 0);
  return new Writer().text(1, name).message(2, new Writer().message(1, tensor));
}

export const inputOf = (name: string) => `${name}__given`;

function cutNode(bytes: Uint8Array, cut: Record<string, string>): Writer {
  const out = new Writer();
  for (const field of readFields(bytes)) {
    const name = field.number === NODE_INPUT ? text(field.bytes) : '';
    if (name in cut) out.text(NODE_INPUT, inputOf(name));
    else writeField(out, field);
  }
  return out;
}

/** `cut`: the integer type of each value to cut at, all of them made by nodes of the file. */
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
