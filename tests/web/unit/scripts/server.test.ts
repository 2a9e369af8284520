// The static server: headers, types, and requests that try to leave the folder.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFolder } from '../../../../scripts/lib/server.mjs';

let folder: string;
let server: Awaited<ReturnType<typeof serveFolder>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-server-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'a.wasm'), new Uint8Array([0, 97, 115, 109]));
  server = await serveFolder(folder);
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** The status line's code for a path that no URL parser has tidied. */
const rawStatus = (path: string) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    });
    socket.once('data', (data) => resolve(data.toString().split(' ')[1] ?? ''));
    socket.once('error', reject);
  });

describe('serveFolder', () => {
  it('serves the index with isolation and a policy that allows WebAssembly but not eval', async () => {
    const response = await fetch(server.url);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("'wasm-unsafe-eval'");
    expect(policy).not.toContain("'unsafe-eval'");
  });

  it('gives .wasm the type that streaming compilation wants', async () => {
    const response = await fetch(new URL('a.wasm', server.url));
    expect(response.headers.get('content-type')).toBe('application/wasm');
    expect((await response.arrayBuffer()).byteLength).toBe(4);
  });

  it('answers 304 to a known version', async () => {
    const etag = (await fetch(server.url)).headers.get('etag') ?? '';
    expect((await fetch(server.url, { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });

  it.each(['/missing', '/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd', '/%00', '/%'])(
    'does not find %s',
    async (path) => {
      expect(await rawStatus(path)).toBe('404');
    },
  );

  it('refuses other methods', async () => {
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
  });
});
