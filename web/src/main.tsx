// Entry: draws the page and starts the engine.
import { render } from 'preact';
import { startEngine } from './state/actions';
import './styles/page.css';
import { App } from './views/app';

const root = document.getElementById('app');
if (root) render(<App />, root);
void startEngine();
