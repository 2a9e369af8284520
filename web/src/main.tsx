import { render } from 'preact';
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
