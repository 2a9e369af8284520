// A static server for one folder, for `npm start` and the browser tests. `headers: {}` serves as a plain host would,
// without isolation and policy.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { exceptions, pageHeaders } from './headers.mjs';

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/**
 * Resolves to {url, port, close()} once the server listens; port 0 takes any free one.
 * @param {string} folder
 * @param {{ port?: number, host?: string, headers?: Record<string, string> }} [options]
 */
export async function serveFolder(folder, { port = 0, host = '127.0.0.1', headers = pageHeaders } = {}) {
  const server = createServer((request, response) => {
    respond(folder, headers, request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = server.address().port;
  return {
    port: bound,
    url: `http://localhost:${bound}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

async function respond(folder, headers, request, response) {
  const plain = { ...headers, 'Content-Type': 'text/plain; charset=utf-8' };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { ...plain, Allow: 'GET, HEAD' }).end('Method not allowed\n');
    return;
  }
  const file = await findFile(folder, request.url);
  if (!file) {
    response.writeHead(404, plain).end('Not found\n');
    return;
  }
  const etag = `"${file.size.toString(16)}-${Math.round(file.mtimeMs).toString(16)}"`;
  const exception = headers === pageHeaders ? exceptions.find(({ pattern }) => pattern.test(file.path)) : undefined;
  const common = { ...headers, ...exception?.headers, ETag: etag, 'Cache-Control': 'no-cache' };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, common).end();
    return;
  }
  const type = types[extname(file.path)] ?? 'application/octet-stream';
  response.writeHead(200, { ...common, 'Content-Type': type, 'Content-Length': file.size });
  if (request.method === 'HEAD') response.end();
  else createReadStream(file.path).pipe(response);
}

async function findFile(folder, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return null;
  }
  if (path.includes('\0')) return null;
  // The URL parser has resolved `..`; an encoded one is normalized here and cannot climb above the leading slash.
  let full = join(folder, normalize(path));
  try {
    let info = await stat(full);
    if (info.isDirectory()) {
      full = join(full, 'index.html');
      info = await stat(full);
    }
    return info.isFile() ? { path: full, size: info.size, mtimeMs: info.mtimeMs } : null;
  } catch {
    return null;
  }
}
