// 首页。
import type { Strings } from '../en';

export const arrive: Strings['arrive'] = {
  tagline: '看看一个网络缩小到四分之一时,会失去什么。',
  intro:
    '拖入一个 ONNX 模型。Halftone 就在这台机器上把它量化成整数,与原模型并排运行,显示每一层的偏差,并把更小的文件交还给你。不会上传任何东西。',
  dropTitle: '把 ONNX 模型拖到这里',
  dropHint: '如果模型有外部数据文件,请一起拖入。',
  pick: '选择文件',
  waiting: '引擎正在启动,准备好后会立即打开你的文件。',
  samples: '或者从现成的网络开始',
  samplesNote: '小巧、已训练好,并自带测试数据。点一下打开,再点一下就能对比。',
  noSamples: '此页面副本没有示例网络。',
  recent: '最近打开',
  recentNote: '只保存在这台机器的这个浏览器里。',
  forget: (name) => `忘记 ${name}`,
  forgetAll: '全部忘记',
  link: '从链接打开',
  linkLabel: '.onnx 文件的地址',
  linkHost: (host) => `将只联系 ${host},不会联系其他主机。`,
  linkNone: '任何允许其他网页读取其文件的主机。',
  linkGo: '下载',
  points: [
    '逐层测量:浮点对整数,以分贝计。',
    '拖动某一层的取值范围,看着答案变化。',
    '带走 ONNX 文件、配方、脚本和报告。',
  ],
};
