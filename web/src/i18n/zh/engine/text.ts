// 引擎文字的一条:名称和说明。键:"步骤"、"步骤.参数"、"步骤.参数.字段",预设为 "preset.名称"。
export interface EngineText {
  label: string;
  help: string;
}

export type EngineTexts = Record<string, EngineText>;
