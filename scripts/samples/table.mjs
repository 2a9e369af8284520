// What the page says about the sample networks, and how they want their data. measure.mjs adds the numbers.
const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const raw = { kind: 'picture', normalization: 'raw' };
const cifar = { kind: 'picture', normalization: 'cifar' };

const made = (what, zh) => ({
  en: `Trained from scratch with PyTorch on ${what}, made by Halftone itself (scripts/samples).`,
  zh: `用 PyTorch 从零训练，数据为 Halftone 自己生成的${zh}（scripts/samples）。`,
});
const ofDigits = (count) => made(`${count} drawn digits`, ` ${count} 个手写风格数字`);
const ofShapes = (count) => made(`${count} coloured shapes`, ` ${count} 个彩色图形`);

export const table = [
  {
    id: 'digits-cnn',
    name: { en: 'Digits', zh: '手写数字' },
    line: {
      en: 'A small convolutional network that reads handwritten digits. Draw one yourself.',
      zh: '识别手写数字的小型卷积网络。自己画一个试试。',
    },
    made: ofDigits('40,000'),
    data: 'digits',
    input: raw,
    classes: digits,
  },
  {
    id: 'shapes-mobile',
    name: { en: 'Shapes, the fragile one', zh: '图形识别（脆弱版）' },
    line: {
      en: 'Depthwise separable: one scale for all channels of a weight ruins it, one for each saves it.',
      zh: '深度可分离卷积：逐张量量化会毁掉它，逐通道量化能救回它。',
    },
    made: ofShapes('40,000'),
    data: 'shapes',
    input: cifar,
  },
  {
    id: 'shapes-resnet',
    name: { en: 'Shapes, the sturdy one', zh: '图形识别（稳健版）' },
    line: {
      en: 'A residual network that hardly notices eight bits. How few can you leave it?',
      zh: '残差网络，8 位几乎没有损失。最少能压到几位？',
    },
    made: ofShapes('24,000'),
    data: 'shapes',
    input: cifar,
  },
  {
    id: 'digits-vit',
    name: { en: 'Digits, a transformer', zh: '手写数字（Transformer）' },
    line: {
      en: 'A tiny vision transformer: sums along its residual path need more than eight bits, or faint patches vanish beside inked ones.',
      zh: '微型视觉 Transformer：残差通路上的求和需要多于 8 位，否则空白图块会淹没在有墨迹的图块旁。',
    },
    made: ofDigits('24,000'),
    data: 'digits',
    input: raw,
    classes: digits,
  },
  {
    id: 'points-mlp',
    name: { en: 'Spirals', zh: '螺旋线' },
    line: {
      en: 'Two numbers in, three classes out: small enough to see every weight.',
      zh: '输入两个数，输出三个类别：小到能看清每个权重。',
    },
    made: made('6,000 points on three spirals', '三条螺旋线上的 6,000 个点'),
    data: 'points',
    input: { kind: 'numbers', normalization: null },
  },
];
