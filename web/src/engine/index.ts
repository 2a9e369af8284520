// The library entry: dist/lib/halftone.js. Halftone.create() starts an engine; types.ts is the contract.

export {
  type MadeSet,
  type MakeOptions,
  makeDigits,
  makePoints,
  makeShapes,
  type PointKind,
  type PointOptions,
} from './datasets/index';
export { HalftoneError } from './error';
export { Halftone } from './halftone';
export type * from './types';
