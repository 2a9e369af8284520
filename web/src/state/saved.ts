// Leaving with a compressed model that was never saved asks once.
import { effect, signal } from '@preact/signals';

export const unsaved = signal(false);

const ask = (event: BeforeUnloadEvent) => {
  // Where nobody has touched the page, browsers refuse to ask and complain.
  if (!navigator.userActivation.hasBeenActive) return;
  event.preventDefault();
  removeEventListener('beforeunload', ask);
};

effect(() => {
  if (unsaved.value) addEventListener('beforeunload', ask);
  else removeEventListener('beforeunload', ask);
});
