// 引擎的文字(步骤与参数的名称和说明、预设、风险)的中文。测试核对引擎所说的一切都在这里。
import { prepare } from './prepare';
import { presets } from './presets';
import { quantize } from './quantize';
import { repair } from './repair';
import type { EngineText, EngineTexts } from './text';
import { weights } from './weights';

export type { EngineText };

export const engineZh: EngineTexts = { ...presets, ...prepare, ...quantize, ...repair, ...weights };

/** 选择节点和算子的参数,各步共有。 */
export const sharedZh: EngineTexts = {
  op_types: { label: '仅这些算子', help: '只量化这些算子。空:所有可量化的。' },
  exclude_op_types: { label: '不含这些算子', help: '保持浮点的算子。' },
  nodes: { label: '仅这些节点', help: '只量化这些节点。空:所有可量化的。' },
  exclude_nodes: { label: '不含这些节点', help: '保持浮点的节点,例如损失过大的首层或末层。' },
};
