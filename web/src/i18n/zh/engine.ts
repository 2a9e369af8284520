// 引擎的文字(步骤与参数的名称和说明)的中文。键:"步骤" 或 "步骤.参数";没有列出的显示引擎的英文原文。
export interface EngineText {
  label: string;
  help: string;
}

export const engineZh: Record<string, EngineText> = {
  quantize_static: { label: '静态量化', help: '用校准数据测得的范围,把权重和激活变成 8 位整数。' },
  'quantize_static.observer': { label: '范围取自', help: '校准数值如何变成范围。minmax 覆盖所见的一切。' },
  'quantize_static.activation_type': {
    label: '激活类型',
    help: '算子之间代表数值的整数。uint8 适合 Relu 之后的数值。',
  },
  'quantize_static.weight_type': { label: '权重类型', help: '代表权重的整数。' },
  'quantize_static.per_channel': {
    label: '每个通道一个比例',
    help: '权重的每个输出通道有自己的比例:更准确,几乎不增大。',
  },
  'quantize_static.activation_symmetric': {
    label: '对称激活',
    help: '让激活的范围以零为中心。运算更简单,但单侧数值会浪费一半的级数。',
  },
  'quantize_static.weight_symmetric': {
    label: '对称权重',
    help: '让权重的范围以零为中心,从而不需要零点。整数内核期望如此。',
  },
  'quantize_static.reduce_range': { label: '7 位权重', help: '只用权重整数的一半,避免旧处理器的 16 位累加溢出。' },
  'quantize_static.op_types': { label: '仅这些算子', help: '只量化这些算子。空:所有可量化的。' },
  'quantize_static.exclude_op_types': { label: '不含这些算子', help: '保持浮点的算子。' },
  'quantize_static.nodes': { label: '仅这些节点', help: '只量化这些节点。空:所有可量化的。' },
  'quantize_static.exclude_nodes': { label: '不含这些节点', help: '保持浮点的节点,例如损失过大的首层或末层。' },
  convert_opset: { label: '转换算子集', help: '改写为更新版本的 ONNX 算子,计算内容不变。' },
  'convert_opset.target': {
    label: '算子集',
    help: '模型要使用的 ONNX 算子版本。已经更新的模型保持不变。按通道量化的权重需要 13。',
  },
  set_range: { label: '设定范围', help: '把手动选定的取值范围交给已量化的张量。' },
  'set_range.tensors': { label: '张量', help: '共用这个范围的张量名称。' },
  'set_range.low': { label: '下端', help: '仍可表示的最小值;更小的值会被截断。' },
  'set_range.high': { label: '上端', help: '仍可表示的最大值;更大的值会被截断。' },
};
