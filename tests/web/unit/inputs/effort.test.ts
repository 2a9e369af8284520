// How many inputs a large network is run on.
import { expect, it } from 'vitest';
import { randomItems, referenceItems } from '../../../../web/src/inputs/effort';

it('is the usual number for nearly all networks, and less for large ones', () => {
  expect([0, 0.5e9, 1e9].map(randomItems)).toEqual([32, 32, 32]);
  expect([4e9, 20e9, 1e12].map(randomItems)).toEqual([8, 4, 4]);
  expect([0, 4e9, 20e9].map(referenceItems)).toEqual([4, 4, 1]);
});
