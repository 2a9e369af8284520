// The engine library's public types (dist/lib/halftone.d.ts), by theme. The engine knows no screen: nothing here mentions the page.
export type * from './types/calls';
export type * from './types/measure';
export type * from './types/model';
export type * from './types/recipe';
export type * from './types/tensor';
