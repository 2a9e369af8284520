// Classes of labelled calibration data in steps that want some.
import { expect, it } from 'vitest';
import type { ParamSpec, PassSpec } from '../../../../web/src/engine/types';
import { withClasses } from '../../../../web/src/inputs/classes';

const spec = (name: string, kind: ParamSpec['kind'], fallback: unknown): ParamSpec => ({
  name,
  kind,
  label: '',
  help: '',
  default: fallback,
});
const passes: PassSpec[] = [
  {
    name: 'scan',
    summary: '',
    needs: { calibration: true },
    params: [spec('feeds', 'int', 2), spec('labels', 'stringList', [])],
  },
  { name: 'other', summary: '', needs: { calibration: true }, params: [spec('feeds', 'int', 2)] },
];

it('fills in as many classes as the step tries items', () => {
  const classes = [3, 1, 2, 0, 5];
  expect(withClasses([{ pass: 'scan' }, { pass: 'other' }], passes, classes, 1)).toEqual([
    { pass: 'scan', labels: ['3', '1'] },
    { pass: 'other' },
  ]);
  expect(withClasses([{ pass: 'scan', feeds: 2 }], passes, classes, 2)[0]?.labels).toEqual(['3', '1', '2', '0']);
  expect(withClasses([{ pass: 'scan', labels: [], feeds: 1 }], passes, classes, 1)[0]?.labels).toEqual(['3']);
});

it('leaves what a person typed, and recipes where the data has no labels', () => {
  const typed = [{ pass: 'scan', labels: ['7'] }];
  expect(withClasses(typed, passes, [1, 2], 1)).toEqual(typed);
  expect(withClasses([{ pass: 'scan' }], passes, [], 1)).toEqual([{ pass: 'scan' }]);
});
