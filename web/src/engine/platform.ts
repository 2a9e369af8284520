// Where this runs.

export function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string }; type?: string } };
  return process?.versions?.node !== undefined && process.type !== 'renderer';
}
