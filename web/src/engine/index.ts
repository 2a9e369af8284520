// The library entry: dist/lib/halftone.js. Halftone.create() starts an engine; types.ts is the contract.

export { HalftoneError } from './error';
export { Halftone } from './halftone';
export type * from './types';
