// The checks that CI makes of the sources: what they read out of CMakeLists.txt and out of the documents.
import { describe, expect, it } from 'vitest';
import { pathsIn } from '../../../../scripts/checks/docs.mjs';
import { standsOn } from '../../../../scripts/checks/floors.mjs';

describe('floors', () => {
  const below = standsOn(`
halftone_floor(base)
halftone_floor(tensor  ON base)
halftone_floor(kernels ON tensor)
halftone_floor(graph   ON tensor)
halftone_floor(onnx    ON graph PRIVATE_LINK onnx_proto)
halftone_floor(session ON kernels onnx)
`);

  it('reach down through every floor in between', () => {
    expect([...(below.get('onnx') ?? [])].sort()).toEqual(['base', 'graph', 'onnx', 'tensor']);
    expect(below.get('wasm')?.has('base')).toBe(true);
  });

  it('reach neither up nor sideways', () => {
    expect(below.get('graph')?.has('kernels')).toBe(false);
    expect(below.get('base')?.has('tensor')).toBe(false);
  });
});

describe('paths in documents', () => {
  it('are found in code spans, links and code blocks', () => {
    const text = 'See `core/base` and [it](web/index.html#top), not core/plain.\n```sh\nls scripts/lib/*.mjs\n```\n';
    expect(pathsIn(text)).toEqual([
      { path: 'core/base', line: 1 },
      { path: 'web/index.html', line: 1 },
      { path: 'scripts/lib/*.mjs', line: 3 },
    ]);
  });

  it('are not made of what builds make or of placeholders', () => {
    expect(pathsIn('`dist/lib/halftone.js` `build/debug` `core/<floor>/` `tests_<floor>`')).toEqual([]);
  });
});
