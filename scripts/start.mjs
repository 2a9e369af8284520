// `npm start`: installs what is missing, builds what changed, serves the page on localhost and prints the link.
import { buildLibrary, buildPage, buildWasm } from './build.mjs';
import { main } from './lib/log.mjs';
import { announce } from './serve.mjs';
import { setup } from './setup.mjs';

await main(async () => {
  await setup();
  await buildWasm();
  await buildLibrary();
  await buildPage();
  await announce();
});
