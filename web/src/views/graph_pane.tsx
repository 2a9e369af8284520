// The graph with its tools: tone, search, folding, zoom. The layout is asked for anew when what is folded changes.
import { signal, useComputed } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatInteger } from '../format';
import type { Block } from '../graph/blocks';
import { fitAll, reveal, zoomAt } from '../graph/camera';
import { layOut, type Placed } from '../graph/layout';
import { boxTones, type Metric, tonesOf } from '../graph/metrics';
import { buildScene, nodeTitle, type Scene } from '../graph/scene';
import { t } from '../i18n';
import { opened, selected } from '../state/app';
import { blocks, knownMetrics, layers, metric } from '../state/layers';
import { type CanvasHandle, GraphCanvas } from './graph_canvas';
import { Legend } from './legend';
import { Select } from './select';
import { ShownChoice } from './shown_choice';

/** Small graphs are seen whole; blocks of larger ones begin folded. */
const FOLD_FROM = 60;
const NONE: readonly Block[] = [];
const folding = signal<boolean | null>(null);

function useScene(open: ReadonlySet<string>): Scene {
  const model = opened.value;
  const fold = folding.value ?? (model?.graph.nodes.length ?? 0) > FOLD_FROM;
  const found = fold ? blocks.value : NONE;
  const title = t.model.block;
  return useMemo(() => {
    if (!model) return { boxes: [], arrows: [] };
    const { inputs, outputs } = model.model.summary;
    return buildScene(model.graph, inputs, outputs, {
      blocks: found,
      open,
      blockTitle: (block) => title(block.index, block.of),
      blockNote: t.model.blockNodes,
    });
  }, [model, found, open, title]);
}

function useLayout(scene: Scene): Placed | null {
  const [placed, setPlaced] = useState<{ of: Scene; placed: Placed } | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    layOut(scene, controller.signal).then(
      (result) => setPlaced({ of: scene, placed: result }),
      () => {}, // cancelled by a newer scene
    );
    return () => controller.abort();
  }, [scene]);
  return placed?.of === scene ? placed.placed : null;
}

function Search({
  scene,
  onHits,
  onGo,
}: {
  scene: Scene;
  onHits: (hits: number[]) => void;
  onGo: (box: number) => void;
}) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const hits = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    const nodes = opened.value?.graph.nodes ?? [];
    if (wanted === '') return [];
    const matches = (place: number) => {
      const node = nodes[place];
      return node ? `${nodeTitle(node)} ${node.op} ${node.outputs.join(' ')}`.toLowerCase().includes(wanted) : false;
    };
    return scene.boxes.flatMap((box, i) =>
      box.nodes.some(matches) || (box.nodes.length === 0 && box.title.toLowerCase().includes(wanted)) ? [i] : [],
    );
  }, [text, scene]);
  useEffect(() => {
    onHits(hits);
    setAt(0);
    if (hits[0] !== undefined) onGo(hits[0]);
  }, [hits]);
  const next = () => {
    const place = hits.length === 0 ? 0 : (at + 1) % hits.length;
    setAt(place);
    const hit = hits[place];
    if (hit !== undefined) onGo(hit);
  };
  return (
    <div class="search">
      <input
        type="search"
        aria-label={t.model.search}
        placeholder={t.model.search}
        value={text}
        onInput={(e) => setText(e.currentTarget.value)}
        onKeyDown={(e) => e.key === 'Enter' && next()}
      />
      <span class="note" role="status">
        {text.trim() !== '' && t.model.searchHits(hits.length, at + 1)}
      </span>
    </div>
  );
}

function ToneChoice() {
  const known = knownMetrics.value;
  const names = Object.fromEntries(
    (Object.keys(t.model.metric) as Metric[]).filter((m) => known.has(m)).map((m) => [m, t.model.metric[m]]),
  ) as Record<Metric, string>;
  return (
    <Select<Metric>
      id="tone"
      label={t.model.colourBy}
      value={known.has(metric.value) ? metric.value : 'none'}
      names={names}
      onChange={(next) => {
        metric.value = next;
      }}
    />
  );
}

export function GraphPane() {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [hits, setHits] = useState<number[]>([]);
  const scene = useScene(open);
  const placed = useLayout(scene);
  const canvas = useRef<CanvasHandle>(null);
  const tones = useComputed(() => tonesOf(layers.value, metric.value)).value;
  const total = opened.value?.graph.nodes.length ?? 0;
  const toggle = (index: number) => {
    const id = scene.boxes[index]?.block?.id;
    if (id) setOpen(new Set([...open, id]));
  };
  const go = (index: number) => {
    const at = placed?.boxes[index];
    if (at) canvas.current?.move((camera, view) => reveal(camera, at, view));
    const box = scene.boxes[index];
    if (box && !box.block && box.nodes[0] !== undefined) selected.value = box.nodes[0];
  };
  const middle = (factor: number) =>
    canvas.current?.move((camera, view) => zoomAt(camera, { x: view.width / 2, y: view.height / 2 }, factor));
  return (
    <section class="graph-pane" aria-label={t.model.graph}>
      <div class="row tools">
        <ShownChoice />
        <ToneChoice />
        <Search scene={scene} onHits={setHits} onGo={go} />
        {blocks.value.length > 0 && (
          <label class="check">
            <input
              type="checkbox"
              checked={folding.value ?? total > FOLD_FROM}
              onChange={(e) => {
                folding.value = e.currentTarget.checked;
                setOpen(new Set());
              }}
            />
            {t.model.collapse}
          </label>
        )}
      </div>
      <GraphCanvas
        handle={canvas}
        scene={scene}
        placed={placed}
        tones={boxTones(tones, scene.boxes)}
        hits={hits}
        onOpen={toggle}
      />
      <span class="zoom">
        <button type="button" class="button icon" aria-label={t.model.zoomOut} onClick={() => middle(1 / 1.4)}>
          −
        </button>
        <button type="button" class="button icon" aria-label={t.model.zoomIn} onClick={() => middle(1.4)}>
          +
        </button>
        <button
          type="button"
          class="button icon"
          aria-label={t.model.zoomFit}
          onClick={() => placed && canvas.current?.move((_, view) => fitAll(placed, view))}
        >
          ⤢
        </button>
      </span>
      {!placed && <p class="graph-wait">{`${t.model.drawing} (${formatInteger(scene.boxes.length)})`}</p>}
      <Legend metric={metric.value} />
    </section>
  );
}
