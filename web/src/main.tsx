// Entry: draws the page, starts the engine and what keeps the page without a network.
import { render } from 'preact';
import { startOffline } from './offline/register';
import { startEngine } from './state/actions';
import { opened } from './state/app';
import './styles/page.css';
import { App } from './views/app';

const root = document.getElementById('app');
if (root) render(<App />, root);
void startEngine();
void startOffline(() => opened.value === null);
