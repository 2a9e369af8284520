// The headers of the page, wherever this project serves it.

/** Lets the page share memory between threads where the engine uses them; everything works without them too. */
export const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * Only the site's own files; WebAssembly may be compiled, text may not become code, nothing is sent anywhere. A policy can
 * only be made tighter later, never wider, so that a page that is to open a model from a link of somebody's choice would
 * have to allow every host from the start. It does not: links are fetched by a worker, which has a policy of its own.
 */
const policy = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self' blob:",
  'style-src': "'self'",
  'img-src': "'self' blob: data:",
  'media-src': "'self' blob:",
  'font-src': "'self'",
  'connect-src': "'self' blob: data:",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

const text = (directives) =>
  Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');

export const contentSecurityPolicy = text(policy);

/** For the page itself, on hosts that send no headers; browsers refuse frame-ancestors there. */
export const metaPolicy = text(
  Object.fromEntries(Object.entries(policy).filter(([name]) => name !== 'frame-ancestors')),
);

export const pageHeaders = {
  ...isolation,
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** The worker that fetches links may reach any host, and can do nothing else: no other script, no frame, no picture. */
export const exceptions = [
  {
    pattern: /(^|\/)link_worker-[\w-]+\.js$/,
    headers: {
      'Content-Security-Policy': "default-src 'none'; connect-src https: http://localhost:* http://127.0.0.1:*",
    },
  },
];
