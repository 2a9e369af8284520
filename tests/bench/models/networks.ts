// The two networks that everybody measures, in their published shapes.

import { type Network, NetworkBuilder } from './network';

const CLASSES = 1000;
/** Of the last convolution of a residual branch: the sums grow by a quarter from block to block, as trained ones do. */
const BRANCH_GAIN = 0.25;

/** Expansion, output channels, blocks, stride of the first block. M. Sandler et al., "MobileNetV2", 2018, table 2. */
const mobileNetStages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** MobileNetV2-1.0. */
export function mobileNetV2(size = 224): Network {
  const net = new NetworkBuilder();
  let x = net.conv('stem', 'input', 32, { kernel: 3, stride: 2, activation: 'relu6' });
  for (const [stage, [expansion, filters, blocks, firstStride]] of mobileNetStages.entries()) {
    for (let block = 0; block < blocks; ++block) {
      const name = (part: string) => `block${stage + 1}_${block + 1}_${part}`;
      const stride = block === 0 ? firstStride : 1;
      const channels = net.channelsOf(x);
      const residual = stride === 1 && channels === filters;
      const wide = channels * expansion;
      let y = expansion > 1 ? net.conv(name('expand'), x, wide, { activation: 'relu6' }) : x;
      y = net.conv(name('depthwise'), y, wide, { kernel: 3, stride, depthwise: true, activation: 'relu6' });
      y = net.conv(name('project'), y, filters, { gain: residual ? BRANCH_GAIN : 1 });
      x = residual ? net.add(name('add'), [x, y]) : y;
    }
  }
  x = net.conv('head', x, 1280, { activation: 'relu6' });
  net.classifier(x, CLASSES);
  return { name: 'MobileNetV2-1.0', size, layers: net.layers };
}

/** Channels of the 3x3 convolution, blocks. K. He et al., "Deep residual learning", 2015, table 1. */
const resNetStages = [
  [64, 3],
  [128, 4],
  [256, 6],
  [512, 3],
] as const;

/** ResNet-50 v1.5: the stride is on the 3x3 convolution. */
export function resNet50(size = 224): Network {
  const net = new NetworkBuilder();
  let x = net.conv('stem', 'input', 64, { kernel: 7, stride: 2, activation: 'relu' });
  x = net.maxpool('pool', x, 3, 2);
  for (const [stage, [narrow, blocks]] of resNetStages.entries()) {
    for (let block = 0; block < blocks; ++block) {
      const name = (part: string) => `block${stage + 1}_${block + 1}_${part}`;
      const stride = block === 0 && stage > 0 ? 2 : 1;
      let y = net.conv(name('reduce'), x, narrow, { activation: 'relu' });
      y = net.conv(name('conv'), y, narrow, { kernel: 3, stride, activation: 'relu' });
      y = net.conv(name('expand'), y, 4 * narrow, { gain: BRANCH_GAIN });
      const shortcut = block === 0 ? net.conv(name('shortcut'), x, 4 * narrow, { stride }) : x;
      x = net.add(name('add'), [y, shortcut], 'relu');
    }
  }
  net.classifier(x, CLASSES);
  return { name: 'ResNet-50', size, layers: net.layers };
}
