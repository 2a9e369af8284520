// Entry: draws the page, starts the engine and what keeps the page without a network.
import { render } from 'preact';
import { startOffline } from './offline/register';
import { opened, task } from './state/app';
import { followLink } from './state/link';
import { startEngine } from './state/open';
import { loadRecent } from './state/recent';
import { loadSamples } from './state/samples';
import './styles/page.css';
import { App } from './views/app';

const root = document.getElementById('app');
if (root) render(<App />, root);
void loadRecent();
void loadSamples().then(followLink);
// After the engine, so that keeping files does not hold up the first result.
void startEngine().then(() => startOffline(() => opened.value === null && task.value === null));
