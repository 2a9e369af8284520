// 引擎的文字(步骤与参数的名称和说明)的中文。键:"步骤" 或 "步骤.参数";没有列出的显示引擎的英文原文。
export interface EngineText {
  label: string;
  help: string;
}

export const engineZh: Record<string, EngineText> = {
  'preset.recommended': { label: 'int8,推荐', help: '8 位权重和激活:均衡通道,截去离群值,修正平均误差。只需几秒。' },
  'preset.best_accuracy': { label: 'int8,最高精度', help: '同上,并让权重的舍入误差互相抵消。约十秒。' },
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
  correct_bias: { label: '修正偏置', help: '从偏置中去掉量化带来的平均误差。' },
  round_weights: { label: '重新舍入权重', help: '重新舍入已量化模型的权重,使误差互相抵消。' },
  convert_float: { label: '转换浮点类型', help: '把权重和运算改为 float16 等较窄的浮点类型。' },
  equalize: { label: '均衡', help: '在相邻层之间重新分配通道的比例,让量化更容易;模型的计算结果不变。' },
  'equalize.by': { label: '依据', help: '按什么来选择各通道的比例。' },
  'equalize.alpha': { label: '平衡', help: '难度在激活与权重之间如何分配:0 全归权重,1 全归激活。' },
  'equalize.relax_clips': { label: '放宽 Clip', help: '允许 Clip 的上限随通道缩放。' },
  quantize_static: { label: '静态量化', help: '用校准数据测得的范围,把权重和激活变成整数。' },
  'quantize_static.activation_observer': {
    label: '激活范围取自',
    help: '校准数值如何变成范围。minmax 覆盖所见的一切;其他方法截去罕见的大值,让常见的值分级更细。batch_norm 不需要校准数据。',
  },
  'quantize_static.percentile': { label: '百分位', help: '范围取自百分位时,它所覆盖的数值比例(百分数)。' },
  'quantize_static.activation_bits': {
    label: '激活位数',
    help: '算子之间整数的宽度。少于 8 位时在 8 位中模拟(不会更快,但损失完全一样);多于 8 位时用浮点运算。',
  },
  'quantize_static.activation_type': {
    label: '激活类型',
    help: '算子之间代表数值的整数。uint8 适合 Relu 之后的数值。',
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
    help: '权重整数的宽度。4 位(算子集 21)和 2 位(算子集 25)紧密存放,其他宽度存放在更宽的类型里。',
  },
  'quantize_static.weight_type': { label: '权重类型', help: '代表权重的整数。' },
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
  'quantize_static.block_size': { label: '权重分块', help: '权重中这么多相邻的输入通道共用一个比例;0 表示不分块。' },
  'quantize_static.reduce_range': { label: '缩减范围', help: '只用权重整数的一半,避免旧处理器的 16 位累加溢出。' },
  'quantize_static.power_of_two': { label: '比例为二的幂', help: '每个比例向上取到二的幂:简单的硬件用移位代替乘法。' },
  'quantize_static.rounding': {
    label: '舍入',
    help: 'nearest 损失最小;stochastic 随机向上或向下,平均正确;floor 总是向下。',
  },
  'quantize_static.seed': { label: '种子', help: '随机舍入的起点:同样的种子得到同样的文件。' },
  'quantize_static.overrides': { label: '例外', help: '保持浮点或使用其他宽度的节点,以及手动给定范围的张量。' },
  'quantize_static.op_types': { label: '仅这些算子', help: '只量化这些算子。空:所有可量化的。' },
  'quantize_static.exclude_op_types': { label: '不含这些算子', help: '保持浮点的算子。' },
  'quantize_static.nodes': { label: '仅这些节点', help: '只量化这些节点。空:所有可量化的。' },
  'quantize_static.exclude_nodes': { label: '不含这些节点', help: '保持浮点的节点,例如损失过大的首层或末层。' },
  'quantize_static.where': { label: '节点或张量', help: '节点、节点之间的张量或权重的名称。' },
  'quantize_static.keep_float': { label: '保持浮点', help: '这个节点不量化。' },
  'quantize_static.low': { label: '最小值', help: '与“最大值”一起:这个张量的范围,不管测得什么。' },
  'quantize_static.high': { label: '最大值', help: '范围的另一端。' },
  quantize_dynamic: { label: '动态量化', help: '权重变成 8 位整数,激活的范围在运行时逐次测量:不需要校准数据。' },
  'quantize_dynamic.weight_type': { label: '权重类型', help: '代表权重的整数。' },
  'quantize_dynamic.per_channel': { label: '每个通道一个比例', help: '权重的每个输出通道有自己的比例。' },
  'quantize_dynamic.reduce_range': { label: '缩减范围', help: '只用权重整数的一半。' },
  quantize_weights: { label: '只量化权重', help: '权重以 2 到 8 位存放,激活保持浮点。' },
  'quantize_weights.bits': { label: '位数', help: '每个权重的位数。' },
  'quantize_weights.symmetric': { label: '对称', help: '让范围以零为中心,不需要零点。' },
  'quantize_weights.scales': { label: '比例的范围', help: '多少个权重共用一个比例。' },
  'quantize_weights.block_size': { label: '分块', help: '共用一个比例的相邻输入通道数。' },
  'quantize_weights.form': { label: '形式', help: '在文件中如何写出。' },
  'quantize_weights.method': { label: '方法', help: '整数如何选取:直接舍入,或使层的输出误差最小。' },
  'quantize_weights.act_order': { label: '先大后小', help: 'GPTQ 先处理输入最大的通道。' },
  convert_opset: { label: '转换算子集', help: '改写为更新版本的 ONNX 算子,计算内容不变。' },
  'convert_opset.target': {
    label: '算子集',
    help: '模型要使用的 ONNX 算子版本。已经更新的模型保持不变。按通道量化的权重需要 13。',
  },
};

/** 与步骤无关、各步共有的参数。 */
export const sharedZh: Record<string, EngineText> = {
  op_types: engineZh['quantize_static.op_types'] as EngineText,
  exclude_op_types: engineZh['quantize_static.exclude_op_types'] as EngineText,
  nodes: engineZh['quantize_static.nodes'] as EngineText,
  exclude_nodes: engineZh['quantize_static.exclude_nodes'] as EngineText,
};
