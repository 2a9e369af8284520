// 只改变权重,或在运行时测量激活的步骤。
import type { EngineTexts } from './text';

const blockSize = '共用一个比例的权重个数。';

export const weights: EngineTexts = {
  quantize_dynamic: { label: '动态量化', help: '权重变成 8 位整数,激活的范围在运行时逐次测量:不需要校准数据。' },
  'quantize_dynamic.weight_type': { label: '权重类型', help: '代表权重的整数。uint8 的零点在 128。' },
  'quantize_dynamic.per_channel': {
    label: '每个通道一个比例',
    help: '权重的每个输出通道有自己的比例:更准确,几乎不增大。',
  },
  'quantize_dynamic.reduce_range': {
    label: '7 位权重',
    help: '只用权重整数的一半,避免旧处理器的 16 位累加溢出。',
  },
  quantize_weights: { label: '只量化权重', help: '权重以 2 到 8 位存放,激活保持浮点。' },
  'quantize_weights.bits': {
    label: '位数',
    help: '每个权重的位数。4 是良好的起点,8 几乎没有误差,3 和 2 需要 GPTQ 或 HQQ。',
  },
  'quantize_weights.symmetric': {
    label: '对称',
    help: '编码以零为中心,不需要零点。关闭时:编码从最小的权重到最大的权重。',
  },
  'quantize_weights.scales': {
    label: '一个比例对应',
    help: '一起求和的一块权重、一个输出通道,或整个张量。',
  },
  'quantize_weights.block_size': { label: '分块大小', help: `${blockSize}越小越准确,占用的字节也越多。` },
  'quantize_weights.form': {
    label: '存放形式',
    help: '标准的 DequantizeLinear,或 onnxruntime 用于 MatMul 的 MatMulNBits(2、4 和 8 位)。',
  },
  'quantize_weights.method': {
    label: '方法',
    help: 'rtn:直接舍入。mse:误差最小的比例。hqq:不计离群值。gptq:一个权重的损失由其他权重弥补,需要校准数据。',
  },
  'quantize_weights.act_order': { label: '先大后小', help: 'GPTQ 先舍入输入最强的权重。' },
  quantize_codebook: { label: '码本量化', help: '权重变成一张小表中数值的编号,数值可以不等距;激活保持浮点。' },
  'quantize_codebook.levels': {
    label: '级',
    help:
      'kmeans:按权重所在之处。normal_float:按正态分布的权重所在之处(NF4)。power_of_two:1、1/2、1/4……' +
      'additive_power_of_two:它们的和。piecewise_linear:一半的级留给众多小权重。',
  },
  'quantize_codebook.bits': { label: '位数', help: '级数为二的这么多次幂。不超过 4 位时,两个编号共用一个字节。' },
  'quantize_codebook.scales': { label: '一个比例对应', help: '一个输出通道、一起求和的一块权重,或整个张量。' },
  'quantize_codebook.block_size': {
    label: '分块大小',
    help: '最多这么多权重共用一个比例。越小越准确,占用的字节也越多。',
  },
  'quantize_codebook.book_per_channel': {
    label: '每个通道一张表',
    help: '每个输出通道有自己的 k-means 级,而不是整个张量共用;此时没有比例。',
  },
  'quantize_codebook.search': { label: '搜索比例', help: '取平方误差最小的比例,而不是覆盖每个权重的比例。' },
  'quantize_codebook.seed': { label: '种子', help: 'k-means 的起点:同样的种子得到同样的文件。' },
  convert_float: { label: '转换浮点类型', help: '把权重和运算改为 float16 等较窄的浮点类型。' },
  'convert_float.type': {
    label: '类型',
    help: 'float16 使文件减半,几乎没有损失。bfloat16 保留 float32 的范围。float8 和 float4 为四分之一和八分之一。',
  },
  'convert_float.scope': {
    label: '改变什么',
    help: '存放的权重;用 float8 时还有与之相乘的数值;用 float16 时是除输入输出之外的整个模型。',
  },
  'convert_float.scales': {
    label: '一个比例对应',
    help: '用于 float8 和 float4:一个输出通道、一起求和的一块权重,或整个张量。',
  },
  'convert_float.block_size': { label: '分块大小', help: blockSize },
  'convert_float.scale_type': {
    label: '比例的类型',
    help: 'float8e8m0 占一个字节,只存二的幂,如微缩放格式所规定。',
  },
};
