// How many inputs a large network is run on where any number would do. By its multiply-adds and not by a clock, so that the
// same model gets the same number everywhere. Pure.

/** Of random calibration data, which stands in for real data anyway. */
const CALIBRATION = { most: 32, least: 4, macs: 32e9 };
/** Of the inputs that attempts are measured on. */
const REFERENCES = { most: 4, least: 1, macs: 16e9 };

/** Of the inputs that layers are tried on, one after the other. */
const TRIALS = { most: 32, least: 4, macs: 200e9 };

const affordable = (macs: number, { most, least, macs: budget }: typeof CALIBRATION): number =>
  Math.max(least, Math.min(most, Math.round(budget / Math.max(1, macs))));

export const USUAL_CALIBRATION = CALIBRATION.most;
export const randomItems = (macs: number): number => affordable(macs, CALIBRATION);
export const trialItems = (macs: number, layers: number): number => affordable(macs * layers, TRIALS);
export const referenceItems = (macs: number): number => affordable(macs, REFERENCES);
