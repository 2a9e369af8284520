// A lit ball in print: dots as large as the tone asks. Right of the cut only four sizes are left, which is what
// quantization does to a network. Decoration only.

const STEP = 11;
const SIDE = 38;
const LARGEST = 6.1;
const LEVELS = 3;

/** Tone 0..1 of a ball lit from the upper left, seen at (x, y) in -1..1; 0 outside. */
function tone(x: number, y: number): number {
  const d = x * x + y * y;
  if (d > 1) return 0;
  const light = Math.max(0, -0.55 * x - 0.6 * y + 0.58 * Math.sqrt(1 - d));
  return 0.1 + 0.9 * (1 - Math.min(1, light * 1.08)) ** 1.15;
}

interface Dot {
  x: number;
  y: number;
  radius: number;
  coarse: boolean;
}

function dots(): Dot[] {
  const made: Dot[] = [];
  for (let row = 0; row < SIDE; ++row) {
    for (let column = 0; column < SIDE; ++column) {
      const x = (column + (row % 2) / 2 + 0.25) / SIDE;
      const y = (row + 0.5) / SIDE;
      const value = tone(x * 2.08 - 1.04, y * 2.08 - 1.04);
      const coarse = x + (y - 0.5) * 0.22 > 0.5;
      const shown = coarse ? Math.round(value * LEVELS) / LEVELS : value;
      const radius = LARGEST * Math.sqrt(shown);
      if (radius > 0.5) made.push({ x: x * SIDE * STEP, y: y * SIDE * STEP, radius, coarse });
    }
  }
  return made;
}

const ball = dots();

export function Hero() {
  return (
    <svg class="hero" viewBox={`0 0 ${SIDE * STEP} ${SIDE * STEP}`} aria-hidden="true">
      {ball.map((dot) => (
        <circle
          key={`${dot.x} ${dot.y}`}
          class={dot.coarse ? 'coarse' : 'smooth'}
          cx={dot.x.toFixed(1)}
          cy={dot.y.toFixed(1)}
          r={dot.radius.toFixed(2)}
        />
      ))}
    </svg>
  );
}
