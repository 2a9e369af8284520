// The kernel benchmarks (tests/bench/*_bench.cc, built by Emscripten): runs one program's main in this page, whose clock
// is a fine one because the page is isolated, and answers the lines it printed.

interface Program {
  callMain(args: string[]): number;
}
type CreateProgram = (overrides: { print: (line: string) => void }) => Promise<Program>;

export async function runKernels(name: string): Promise<string[]> {
  const url = `/kernels/${name}.mjs`;
  const { default: create } = (await import(/* @vite-ignore */ url)) as { default: CreateProgram };
  const lines: string[] = [];
  const program = await create({ print: (line) => lines.push(line) });
  const code = program.callMain([]);
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
  return lines;
}
