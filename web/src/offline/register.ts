// Page side of the service worker. Nothing here is needed: without service workers (an old browser, a private window,
// plain http) the page works, on one thread where the host sends no headers, and not without a network.

import { signal } from '@preact/signals';

/** Set when a new version is there: calling it reloads the page with that version. */
export const updateReady = signal<(() => void) | null>(null);

/** Whether the page would open without a network. */
export const offlineReady = signal(false);

const RELOADED = 'halftone-reloaded-for-isolation';

/** Whether a person has begun something, as choosing a file, of which the page's state does not know yet. */
let touched = false;
for (const type of ['pointerdown', 'keydown', 'drop']) {
  addEventListener(
    type,
    () => {
      touched = true;
    },
    { once: true, capture: true },
  );
}

/** The second load comes through the service worker, with its headers. Once: a host may forbid isolation altogether. */
function reloadForIsolation(): void {
  try {
    if (sessionStorage.getItem(RELOADED) !== null) return;
    sessionStorage.setItem(RELOADED, '1');
  } catch {
    return;
  }
  location.reload();
}

/** Reloads once the waiting version has taken over. */
function offer(waiting: ServiceWorker): void {
  updateReady.value = () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    waiting.postMessage('skip-waiting');
  };
}

function watch(registration: ServiceWorkerRegistration): void {
  const { serviceWorker } = navigator;
  if (registration.waiting && serviceWorker.controller) offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const { installing } = registration;
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'installed' && serviceWorker.controller) offer(installing);
    });
  });
}

/**
 * `isUntouched`: whether the page may be reloaded without anybody losing something: nothing is open or under way. Asked
 * once, when the service worker is ready for the first time and the page is not isolated yet.
 */
export async function startOffline(isUntouched: () => boolean): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  try {
    const first = serviceWorker.controller === null;
    const registration = await serviceWorker.register(new URL('sw.js', document.baseURI), { updateViaCache: 'none' });
    watch(registration);
    await serviceWorker.ready;
    offlineReady.value = true;
    if (serviceWorker.controller === null)
      await new Promise((resume) => serviceWorker.addEventListener('controllerchange', resume, { once: true }));
    if (first && !crossOriginIsolated && !touched && isUntouched()) reloadForIsolation();
  } catch {
    // Forbidden or unreachable: the page goes on without.
  }
}
