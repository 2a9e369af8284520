// Entry: draws the page, starts the engine and what keeps the page without a network.
import { render } from 'preact';
import { startOffline } from './offline/register';
import { opened } from './state/app';
import { followLink } from './state/link';
import { startEngine } from './state/open';
import { loadRecent } from './state/recent';
import { loadSamples } from './state/samples';
import './styles/page.css';
import { App } from './views/app';

render(<App />, document.getElementById('app') as HTMLElement);
void startEngine();
void loadRecent();
void loadSamples().then(followLink);
void startOffline(() => opened.value === null);
