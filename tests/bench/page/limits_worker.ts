// One thread's share of a limit: measures when it is told to, so that several of these can run at the same time.

import { type Limit, limitMeter } from './limits';

const meters = new Map<Limit, (ms: number) => number>();

self.onmessage = ({ data }: MessageEvent<{ limit: Limit; ms: number }>) => {
  const meter = meters.get(data.limit) ?? limitMeter(data.limit);
  meters.set(data.limit, meter);
  self.postMessage(meter(data.ms));
};
