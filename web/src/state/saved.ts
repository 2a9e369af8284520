// Leaving with a compressed model that was never saved asks once.
import { effect, signal } from '@preact/signals';

export const unsaved = signal(false);

// Not by taking the listener away: Chromium asks nobody when the last one goes while it is being called.
let asked = false;

const ask = (event: BeforeUnloadEvent) => {
  // Where nobody has touched the page, browsers refuse to ask and complain.
  if (asked || !navigator.userActivation.hasBeenActive) return;
  asked = true;
  event.preventDefault();
};

effect(() => {
  asked = false;
  if (unsaved.value) addEventListener('beforeunload', ask);
  else removeEventListener('beforeunload', ask);
});
