// Worker side of the graph's layout: dagre's layers, top to bottom.
import { Graph, layout } from '@dagrejs/dagre';
import type { LayoutRequest, Placed, Point } from './layout';

/** Above this many boxes the exact ranking takes seconds, and nobody sees the difference. */
const EXACT = 300;

function place({ ids, arrows, box }: LayoutRequest): Placed {
  const graph = new Graph({ multigraph: false });
  const ranker = ids.length > EXACT ? 'longest-path' : 'network-simplex';
  graph.setGraph({ rankdir: 'TB', nodesep: 22, ranksep: 26, marginx: 12, marginy: 12, ranker });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of ids) graph.setNode(id, { ...box });
  for (const [from, to] of arrows) graph.setEdge(from, to);
  layout(graph);
  const point = ({ x, y }: Point): Point => ({ x, y });
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    boxes: ids.map((id) => point(graph.node(id) as unknown as Point)),
    arrows: arrows.map(([from, to]) => (graph.edge(from, to) as unknown as { points: Point[] }).points.map(point)),
  };
}

self.onmessage = ({ data }: MessageEvent<LayoutRequest>) => postMessage(place(data));
