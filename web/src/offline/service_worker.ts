// The service worker (built to sw.js at the root of the site). It keeps the built files, each under its content hash, so
// that the page opens without a network and an update fetches only what has changed; and it adds the headers that a plain
// static host does not send, so that memory can be shared between threads. A new version waits until the page asks.
// It imports nothing that the page imports too: it has to be one file.

import { hasRelaxedSimd } from '../engine/worker/variant';

/** Filled in by web/vite/offline.ts when everything is built. */
interface Build {
  /** Path below the scope -> base64 SHA-256. */
  files: Record<string, string>;
  /** Kept only once they have been asked for: large, and not needed by everybody. */
  later: string[];
  headers: Record<string, string>;
  /** For paths that match the pattern instead of the same one above. */
  exceptions: { pattern: string; headers: Record<string, string> }[];
}

const build = JSON.parse('__HALFTONE_BUILD__') as Build;
const scope = self as unknown as ServiceWorkerGlobalScope;
/** One for each copy of the page: hosts keep several sites under one origin. */
const CACHE = `halftone ${scope.registration.scope}`;

const keyOf = (path: string): string =>
  `${scope.registration.scope}${path}?sha256=${encodeURIComponent(build.files[path] ?? '')}`;

/** The path below the scope, '' being the page itself; null: another site, or nothing of ours. */
function pathOf(url: string): string | null {
  if (!url.startsWith(scope.registration.scope)) return null;
  const path = url.slice(scope.registration.scope.length).replace(/[?#].*$/, '');
  return path === '' ? 'index.html' : decodeURI(path);
}

/** Of the four builds of the engine, only the two that this browser may load. */
function wanted(path: string): boolean {
  const [, variant] = /\/halftone-(simd|relaxed)(-threads)?\.(mjs|wasm)$/.exec(path) ?? [];
  if (variant !== undefined) return variant === (hasRelaxedSimd() ? 'relaxed' : 'simd');
  return !build.later.includes(path);
}

/** From the network, past the browser's own cache, refused if it is not what was built. */
function fetchBuilt(path: string): Promise<Response> {
  const url = scope.registration.scope + (path === 'index.html' ? '' : path);
  return fetch(new Request(url, { cache: 'no-cache', integrity: `sha256-${build.files[path]}` }));
}

/** From the cache, where it is put first if it is not there. */
async function kept(cache: Cache, path: string): Promise<Response> {
  const known = await cache.match(keyOf(path));
  if (known) return known;
  const response = await fetchBuilt(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  await cache.put(keyOf(path), response.clone());
  return response;
}

async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(
    Object.keys(build.files)
      .filter(wanted)
      .map((path) => kept(cache, path)),
  );
}

/** Lets go of what only an older version needed, and takes over the pages that are open. */
async function activate(): Promise<void> {
  const cache = await caches.open(CACHE);
  const ours = new Set(Object.keys(build.files).map(keyOf));
  const all = await cache.keys();
  await Promise.all(all.filter(({ url }) => !ours.has(url)).map((request) => cache.delete(request)));
  await scope.clients.claim();
}

function withHeaders(response: Response, path: string): Response {
  const headers = new Headers(response.headers);
  // The body is unpacked already.
  for (const name of ['Content-Encoding', 'Content-Length']) headers.delete(name);
  const exception = build.exceptions.find(({ pattern }) => new RegExp(pattern).test(path));
  for (const [name, value] of Object.entries({ ...build.headers, ...exception?.headers })) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

/** What is not of this build, or no longer to be had, is the host's to answer. */
async function respond(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const ours = path in build.files ? await kept(cache, path).catch(() => null) : null;
  const response = ours ?? (await fetch(request));
  return response.type === 'opaqueredirect' ? response : withHeaders(response, path);
}

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(activate()));
scope.addEventListener('message', ({ data }) => {
  if (data === 'skip-waiting') void scope.skipWaiting();
});
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const path = request.method === 'GET' ? pathOf(request.url) : null;
  if (path !== null) event.respondWith(respond(request, path));
});
