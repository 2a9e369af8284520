// A file behind a link, fetched by link_worker.ts when a person has seen the host's name and agreed.

import { cancelled, fail } from '../engine/error';
import type { CallOptions } from '../engine/types';
import type { LinkAnswer, LinkRequest } from './link_worker';

function nameIn(path: string): string {
  const last = path.split('/').at(-1) ?? '';
  try {
    return last === '' ? 'model.onnx' : decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** The link with its host; null: it is none that can be fetched. Plain http only on this machine. */
export function parseLink(text: string): { url: string; host: string; name: string } | null {
  if (!URL.canParse(text.trim())) return null;
  const url = new URL(text.trim());
  const local = url.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !local) return null;
  return { url: url.href, host: url.host, name: nameIn(url.pathname) };
}

function failure(url: string, status: number | null): Error {
  const host = new URL(url).host;
  return status === null
    ? fail(
        'io',
        `${host} could not be reached, or does not let other pages read this file.`,
        url,
        'Download the file yourself and open it here.',
      )
    : fail('io', `${host} answered ${status}.`, url, 'Check the link.');
}

/** Errors: io, cancelled. */
export function fetchLink(url: string, { onProgress, signal }: CallOptions = {}): Promise<Blob> {
  const worker = new Worker(new URL('./link_worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Blob>((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(cancelled()), { once: true });
    if (signal?.aborted) reject(cancelled());
    worker.onerror = () => reject(failure(url, null));
    worker.onmessage = ({ data }: MessageEvent<LinkAnswer>) => {
      if (data.kind === 'progress') onProgress?.({ stage: 'download', done: data.done, total: data.total });
      else if (data.kind === 'done') resolve(data.blob);
      else reject(failure(url, data.status));
    };
    worker.postMessage({ url } satisfies LinkRequest);
  }).finally(() => worker.terminate());
}
