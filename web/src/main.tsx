import { render } from 'preact';
import { startEngine } from './state/open';
import { loadRecent } from './state/recent';
import './styles/page.css';
import { App } from './views/app';

render(<App />, document.getElementById('app') as HTMLElement);
void startEngine();
void loadRecent();
