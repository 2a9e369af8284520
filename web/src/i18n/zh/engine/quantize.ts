// 静态量化的参数,以及例外的各个字段。
import type { EngineTexts } from './text';

export const quantize: EngineTexts = {
  quantize_static: { label: '静态量化', help: '用校准数据测得的范围,把权重和激活变成整数。' },
  'quantize_static.activation_observer': {
    label: '激活范围取自',
    help: '校准数值如何变成范围。minmax 覆盖所见的一切;其他方法截去罕见的大值,让常见的值分级更细。batch_norm 不需要校准数据。',
  },
  'quantize_static.percentile': { label: '百分位', help: '范围取自百分位时,它所覆盖的数值比例(百分数)。' },
  'quantize_static.deviations': {
    label: '标准差倍数',
    help: '范围取自批归一化(batch_norm)时,它在通道均值两侧延伸多少个标准差。',
  },
  'quantize_static.activation_bits': {
    label: '激活位数',
    help: '算子之间整数的宽度。少于 8 位时在 8 位中模拟(不会更快,但损失完全一样);多于 8 位时用浮点运算。',
  },
  'quantize_static.activation_type': {
    label: '激活类型',
    help: '算子之间代表数值的整数。uint8 适合 Relu 之后的数值。其他宽度时:是否带符号。',
  },
  'quantize_static.activation_symmetric': {
    label: '对称激活',
    help: '让激活的范围以零为中心。运算更简单,但单侧数值会浪费一半的级数。',
  },
  'quantize_static.weight_observer': {
    label: '权重范围取自',
    help: '权重的比例如何求得。minmax 覆盖最大值;mse 取平方误差最小的比例,低于 8 位时很重要。',
  },
  'quantize_static.weight_bits': {
    label: '权重位数',
    help: '权重整数的宽度:不超过 4 位的存为 4 位(算子集 21),不超过 8 位的存为 8 位,更多的存为 16 位(算子集 21)。',
  },
  'quantize_static.weight_type': { label: '权重类型', help: '代表权重的整数。其他宽度时:是否带符号。' },
  'quantize_static.weight_symmetric': {
    label: '对称权重',
    help: '让权重的范围以零为中心,从而不需要零点。整数内核期望如此。',
  },
  'quantize_static.weight_full_range': {
    label: '用满整数',
    help: '对称权重也可取最小的整数(-128 到 127,而不是 -127 到 127)。对 2 位和 3 位值得一用。',
  },
  'quantize_static.per_channel': {
    label: '每个通道一个比例',
    help: '权重的每个输出通道有自己的比例:更准确,几乎不增大。',
  },
  'quantize_static.block_size': {
    label: '权重分块',
    help: '权重中这么多相邻的输入通道共用一个比例(算子集 21),通常为 16 到 128;0 表示不分块。用于很少的位数;以浮点运算。',
  },
  'quantize_static.reduce_range': { label: '权重少用一位', help: '只用权重整数的一半,避免旧处理器的 16 位累加溢出。' },
  'quantize_static.power_of_two': { label: '比例为二的幂', help: '每个比例向上取到二的幂:简单的硬件用移位代替乘法。' },
  'quantize_static.rounding': {
    label: '舍入',
    help: 'nearest 损失最小;stochastic 随机向上或向下,平均正确;floor 总是向下。',
  },
  'quantize_static.seed': { label: '种子', help: '随机舍入的起点:同样的种子得到同样的文件。' },
  'quantize_static.skip_islands': {
    label: '浮点算子之间的加法保持浮点',
    help: '结果不被任何权重乘法读取的 Add、Mul 等(例如 Transformer 的残差和)保持浮点:整数在那里不省时间,却损失精度。',
  },
  'quantize_static.overrides': { label: '例外', help: '保持浮点或使用其他宽度的节点,以及手动给定范围的张量。' },
  'quantize_static.overrides.where': { label: '节点或张量', help: '节点、节点之间的张量或权重的名称。' },
  'quantize_static.overrides.keep_float': { label: '保持浮点', help: '这个节点不量化。' },
  'quantize_static.overrides.activation_bits': { label: '激活位数', help: '这个张量或这个节点的输出的位数。' },
  'quantize_static.overrides.activation_symmetric': { label: '对称激活', help: '让这个张量的范围以零为中心。' },
  'quantize_static.overrides.activation_observer': { label: '激活范围取自', help: '这个张量的数值如何变成范围。' },
  'quantize_static.overrides.weight_bits': { label: '权重位数', help: '这个节点的权重的位数。' },
  'quantize_static.overrides.weight_symmetric': { label: '对称权重', help: '让这个权重的范围以零为中心。' },
  'quantize_static.overrides.weight_observer': { label: '权重范围取自', help: '这个权重的比例如何求得。' },
  'quantize_static.overrides.per_channel': { label: '每个通道一个比例', help: '这个权重的每个输出通道有自己的比例。' },
  'quantize_static.overrides.block_size': {
    label: '权重分块',
    help: '这个权重中这么多相邻的输入通道共用一个比例;0 表示不分块。',
  },
  'quantize_static.overrides.weight_range': {
    label: '权重范围的倍数',
    help: '这个节点的权重范围缩短(小于 1)或加长;超出的被截断。',
  },
  'quantize_static.overrides.low': {
    label: '最小值',
    help: '与“最大值”一起:这个张量的范围,不管测得什么。权重会被截到这个范围。',
  },
  'quantize_static.overrides.high': { label: '最大值', help: '范围的另一端。' },
};
