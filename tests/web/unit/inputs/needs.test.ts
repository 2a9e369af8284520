// Whether a step looks at data depends on its choices.
import { expect, it } from 'vitest';
import type { PassNeeds, PassSpec } from '../../../../web/src/engine/types';
import { needsData } from '../../../../web/src/inputs/needs';

const pass = (needs: PassNeeds): PassSpec => ({
  name: 'p',
  summary: '',
  needs,
  params: [{ name: 'method', kind: 'choice', label: '', help: '', default: 'rtn', choices: ['rtn', 'gptq'] }],
});
const choice = { param: 'method', choice: 'gptq' };

it.each([
  ['nothing', { calibration: false }, {}, false],
  ['data', { calibration: true }, {}, true],
  ['data, with another choice', { calibration: true, unless: choice }, {}, true],
  ['nothing, with this choice', { calibration: true, unless: choice }, { method: 'gptq' }, false],
  ['nothing, by its default', { calibration: true, only: choice }, {}, false],
  ['data, with this choice only', { calibration: true, only: choice }, { method: 'gptq' }, true],
  ['nothing, with the other choice', { calibration: true, only: choice }, { method: 'rtn' }, false],
])('needs %s', (_, needs, params, wanted) => {
  expect(needsData(pass(needs), params)).toBe(wanted);
});
