// Starts the system's Chromium without a window. The flags keep a browser without network from trying to call home;
// `--no-sandbox` is what Chromium needs as root.
import { chromium } from 'playwright-core';
import { which } from './exec.mjs';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchChromium() {
  const executablePath = which('chromium') ?? which('chromium-browser') ?? which('google-chrome') ?? undefined;
  return chromium.launch({ executablePath, headless: true, args: flags });
}
