// Serves dist/site on localhost with the headers of lib/headers.mjs. PORT chooses the port; a taken one gives the next.
import { existsSync } from 'node:fs';
import { bold, main, Problem, say } from './lib/log.mjs';
import { inRoot, isMain } from './lib/root.mjs';
import { serveFolder } from './lib/server.mjs';

export async function announce() {
  const site = inRoot('dist/site');
  if (!existsSync(`${site}/index.html`)) throw new Problem('The page has not been built yet: run `npm start`.');
  const { url } = await serveFrom(site, Number(process.env.PORT) || 8080, 20);
  say(`\nHalftone is at ${bold(url)} (Ctrl+C stops it)`);
}

async function serveFrom(site, port, tries) {
  try {
    return await serveFolder(site, { port });
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    if (tries === 0 || process.env.PORT) throw new Problem(`Port ${port} is taken: set PORT to a free one.`);
    return serveFrom(site, port + 1, tries - 1);
  }
}

if (isMain(import.meta)) await main(announce);
