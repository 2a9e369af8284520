// 量化之后的修正,以及改写模型的步骤。
import type { EngineTexts } from './text';

const inputs = { label: '查看的输入数', help: '运行校准输入中的前这么多个。' };

export const repair: EngineTexts = {
  round_weights: { label: '重新舍入权重', help: '重新舍入已量化模型的权重,使每层的误差互相抵消。' },
  'round_weights.method': {
    label: '方法',
    help: 'gptq 逐列舍入,后面的列弥补前面的误差。adaround 学习哪些权重向上、哪些向下:更慢。',
  },
  'round_weights.inputs': inputs,
  'round_weights.damping': {
    label: '阻尼',
    help: '加到输入的协方差上,为其对角线平均值的一部分:越大越不依赖数据。',
  },
  'round_weights.iterations': { label: 'adaround 的迭代次数', help: '每层梯度下降的步数。' },
  'round_weights.regularization': { label: 'adaround 的正则化', help: '把每个权重推向上或下的力度。' },
  correct_bias: { label: '修正偏置', help: '从每层的偏置中去掉权重舍入带来的平均误差。' },
  'correct_bias.from': {
    label: '平均输入取自',
    help: 'data:运行校准输入。batch_norm:取自模型的批归一化,不需要数据。',
  },
  'correct_bias.inputs': inputs,
  dequantize: {
    label: '还原为浮点',
    help: '把已量化的模型变回浮点:权重变成它们所代表的数,激活不再舍入。',
  },
  convert_opset: { label: '转换算子集', help: '改写为更新版本的 ONNX 算子,计算内容不变。' },
  'convert_opset.target': {
    label: '算子集',
    help: '模型要使用的 ONNX 算子版本。已经更新的模型保持不变。按通道量化的权重需要 13。',
  },
};
