// 量化之前的步骤:均衡、敏感层回退、位数分配。
import type { EngineTexts } from './text';

const labels = {
  label: '前几个输入的类别',
  help: '前几个校准输入各自的正确类别,写成数字:这样也会测量准确率。',
};
const feeds = { label: '试验用的输入数', help: '试验使用多少个校准输入:越多越可靠,也越慢。' };

export const prepare: EngineTexts = {
  equalize: { label: '均衡', help: '相互缩放各个通道,使小的通道不会淹没在大通道所需的范围里;模型的计算结果不变。' },
  'equalize.by': {
    label: '依据',
    help: 'activations:在校准数据上所见的数值与读取它们的权重之间求平衡(SmoothQuant)。weights:使前后权重一样大,不需要数据。',
  },
  'equalize.alpha': { label: '平衡', help: '1:只由数值决定;0:只由读取它们的权重决定。' },
  'equalize.inputs': { label: '查看的输入数', help: '运行校准输入中的前这么多个。' },
  'equalize.relax_clips': {
    label: '用 Relu 代替 Clip',
    help: '允许数值超出 ReLU6 之类的 Clip,使每个通道都能缩放。在原来截断的地方会改变网络。',
  },
  'equalize.absorb_bias': {
    label: '吸收过高的偏置',
    help: 'Relu 从不截去的部分移到后面各层的偏置里,激活所需的范围更短。均值取自校准数据;按权重均衡时取自批归一化。',
  },
  fall_back: { label: '敏感层保持浮点', help: '测量每一层单独量化时的损失;下一步让损失最大的几层保持浮点。' },
  'fall_back.nodes': { label: '保持浮点的节点数', help: '最敏感的多少层保持浮点。0:只测量。' },
  'fall_back.target_sqnr': {
    label: '要达到的信噪比',
    help: '单位为 dB:再让若干层保持浮点,直到量化后的模型达到它。0:没有目标。',
  },
  'fall_back.feeds': feeds,
  'fall_back.labels': labels,
  allocate_bits: { label: '分配位数', help: '为下一步选择每层权重的位数,使预算之内损失最小。' },
  'allocate_bits.budget': {
    label: '预算的对象',
    help: '限制什么:所有权重的平均位数、文件中权重的字节数,或按乘法次数平均的位数。或者要以最小代价达到什么:输出的信噪比、与浮点最佳类别的一致率、准确率。',
  },
  'allocate_bits.limit': { label: '上限', help: '预算:位数或字节数。要达到的:dB 或百分数。' },
  'allocate_bits.widths': {
    label: '可选位数',
    help: '可以选择的位数,2 到 16。文件中 3 位按 4 位存放,5 到 7 位按 8 位存放。',
  },
  'allocate_bits.method': {
    label: '方法',
    help: 'exact 求出这些误差下的最佳分配;greedy 一次又一次地取最好的单步。',
  },
  'allocate_bits.errors': {
    label: '误差取自',
    help: 'predicted:每层测量一次,其余推算。measured:每层每种位数各测一次,更慢。',
  },
  'allocate_bits.spend': { label: '尽量少用', help: '有目标要达到时:使什么尽量小。' },
  'allocate_bits.feeds': feeds,
  'allocate_bits.labels': labels,
  learn_ranges: { label: '学习范围', help: '逐块试验更短和更长的范围;下一步使用最能保持该块输出的范围。' },
  'learn_ranges.inputs': { label: '试验用的输入数', help: '试验使用多少个校准输入:越多越可靠,也越慢。' },
  'learn_ranges.layers': { label: '每块的层数', help: '至少这么多层一起考察;一块延续到其分支重新汇合之处。' },
  'learn_ranges.weights': { label: '也调整权重的范围', help: '每层权重的范围整体缩短或加长。适合位数少的情况。' },
};
