// The first screen.
export const arrive = {
  tagline: 'See what a network loses when it gets four times smaller.',
  intro:
    'Drop an ONNX model. Halftone quantizes it to integers on this machine, runs it beside the original, shows where every layer bends, and hands the smaller file back. Nothing is uploaded.',
  dropTitle: 'Drop an ONNX model here',
  dropHint: 'With its external data files, if it has any.',
  pick: 'Choose a file',
  waiting: 'The engine is starting; your file opens as soon as it is ready.',
  samples: 'Or begin with a network that is here already',
  samplesNote: 'Small, trained, and with their own test data. One click opens one, one more compares it.',
  noSamples: 'This copy of the page has no sample networks.',
  recent: 'Opened lately',
  recentNote: 'Kept in this browser, on this machine only.',
  forget: (name: string) => `Forget ${name}`,
  forgetAll: 'Forget all',
  link: 'Open from a link',
  linkLabel: 'Address of an .onnx file',
  linkHost: (host: string) => `Will contact ${host}, and nobody else.`,
  linkNone: 'Any host that lets other pages read its files.',
  linkGo: 'Fetch it',
  points: [
    'Every layer is measured: float against integer, in decibels.',
    'Drag the range of a layer and watch the answer change.',
    'Take the ONNX file, the recipe, a script and a report away.',
  ],
};
