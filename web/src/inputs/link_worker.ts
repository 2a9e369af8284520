// The only place of the page that may speak to another host, and only when it is told a link. A worker has a policy of its
// own, so that the page's can stay at connect-src 'self', which it could not widen later for the one host that a person
// has asked for.

export interface LinkRequest {
  url: string;
}

export type LinkAnswer =
  | { kind: 'progress'; done: number; total: number }
  | { kind: 'done'; blob: Blob }
  | { kind: 'failed'; status: number | null };

const tell = (answer: LinkAnswer): void => postMessage(answer);

/** No cookies, no referrer: the host learns that somebody wants the file, and the address of this machine. */
async function download(url: string): Promise<LinkAnswer> {
  const response = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer' });
  if (!response.ok || !response.body) return { kind: 'failed', status: response.status };
  const total = response.headers.get('content-encoding') ? 0 : Number(response.headers.get('content-length'));
  const parts: BlobPart[] = [];
  let done = 0;
  for await (const part of response.body) {
    parts.push(part as BlobPart);
    done += part.length;
    tell({ kind: 'progress', done, total });
  }
  return { kind: 'done', blob: new Blob(parts) };
}

self.onmessage = async ({ data }: MessageEvent<LinkRequest>) => {
  tell(await download(data.url).catch((): LinkAnswer => ({ kind: 'failed', status: null })));
};
