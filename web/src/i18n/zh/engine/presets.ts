// 预设的名称和说明。
import type { EngineTexts } from './text';

export const presets: EngineTexts = {
  'preset.recommended': { label: 'int8,推荐', help: '8 位权重和激活:均衡通道,截去离群值,修正平均误差。只需几秒。' },
  'preset.best_accuracy': {
    label: 'int8,最高精度',
    help: '同上,并按对输出的影响学习各个范围,让权重的舍入误差互相抵消。最多约一分钟。',
  },
  'preset.data_free': { label: 'int8,不用数据', help: '8 位权重和激活,范围取自批归一化:不需要校准数据,精度稍低。' },
  'preset.dynamic': {
    label: 'int8,动态',
    help: '8 位权重,激活在每次运行时测量。不需要校准数据;适合 Transformer 和循环网络。',
  },
  'preset.int4_weights': {
    label: 'int4 权重',
    help: '权重为 4 位、每 32 个一块,激活保持浮点:大小为八分之一,不需要校准数据。',
  },
  'preset.float16': { label: 'float16', help: '大小减半,结果几乎看不出差别。' },
  'preset.onnxruntime': {
    label: '与 onnxruntime 相同',
    help: 'onnxruntime 的 quantize_static 的默认做法,用于比较:按张量,取所见最大值。',
  },
};
