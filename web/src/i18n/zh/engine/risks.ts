// 打开模型时的风险报告:每种发现是什么、为什么重要。
import type { Risk } from '../../../engine/types';
import type { RiskFacts } from '../../../results/risks';

export interface RiskText {
  message: string;
  hint: string;
}

const upTo = ({ times }: RiskFacts) => (times === null ? '' : `,最多达 ${times} 倍`);

export const risksZh: Record<Risk['id'], (facts: RiskFacts) => RiskText> = {
  wide_channels: (facts) => ({
    message: `${facts.count} 层:权重最大的通道远大于中间的通道${upTo(facts)}`,
    hint: '如果整个权重共用一个比例,小通道就只剩很少的级。请让每个通道有自己的比例,或均衡各通道。',
  }),
  outlier_weights: (facts) => ({
    message: `${facts.count} 层:个别权重远大于同一通道的其他权重${upTo(facts)}`,
    hint: '覆盖它们的比例让其他权重只剩很少的级。请取平方误差最小的比例。',
  }),
  batch_norm: ({ count }) => ({
    message: `${count} 个批归一化含有几乎不变的通道`,
    hint: '并入前面的权重之后,这样的通道会远大于或远小于相邻的通道。请让每个通道有自己的比例,或均衡各通道。',
  }),
  depthwise: ({ count }) => ({
    message: `${count} 个逐通道卷积`,
    hint: '每个输出只对很少的乘积求和,误差不会互相抵消。权重低于 8 位时,请让这些层保持 8 位:它们只占文件的一小部分。',
  }),
  ends: () => ({
    message: '第一层和最后一层比多数层更敏感',
    hint: '权重低于 8 位时,请让这两层保持 8 位。',
  }),
  layer_norm: ({ count }) => ({
    message: `${count} 个层归一化的结果直接与权重相乘`,
    hint: 'Transformer 在那里有少数通道比其他通道大许多倍。请把这种差别移到权重中去。',
  }),
  open_tail: ({ count }) => ({
    message: `${count} 个 Softmax、Sigmoid 或 Exp 读取没有天然范围的整数`,
    hint: '那里重要的是最大的几个数值之间的差;罕见的极值会让每一级变宽。请按误差选择范围。',
  }),
  islands: ({ count }) => ({
    message: `${count} 个逐元素算子的结果不被任何整数乘法读取`,
    hint: '整数在那里不省时间,却损失精度。请让它们保持浮点。',
  }),
  float_operators: ({ count, operators }) => ({
    message: `${count} 个节点保持浮点:${operators.replaceAll(', ', '、')}`,
    hint: '它们不损失精度,但整数与浮点之间的每次转换都花时间。',
  }),
};
