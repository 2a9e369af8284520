// A print screen: a tone that falls off to both sides, made of dots whose size is the tone. Decoration only.

const STEP = 13;
const COLUMNS = 84;
const ROWS = 26;
const LARGEST = 5.4;

/** 0..1 over the width: dark on the left, paper in the middle where the words are, a light tone on the right. */
function tone(x: number, y: number): number {
  const slope = x + (y - 0.5) * 0.16;
  const left = Math.max(0, 1 - slope / 0.34);
  const right = Math.max(0, (slope - 0.72) / 0.28);
  return Math.min(1, left ** 1.4 + 0.55 * right ** 1.4);
}

function dots() {
  const made = [];
  for (let row = 0; row < ROWS; ++row) {
    for (let column = 0; column < COLUMNS; ++column) {
      const x = column + (row % 2) / 2;
      const radius = LARGEST * Math.sqrt(tone(x / COLUMNS, row / ROWS));
      if (radius > 0.4)
        made.push(<circle key={`${row} ${column}`} cx={x * STEP} cy={row * STEP} r={radius.toFixed(2)} />);
    }
  }
  return made;
}

export function Screen() {
  return (
    <svg
      class="screen"
      viewBox={`0 0 ${COLUMNS * STEP} ${ROWS * STEP}`}
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      {dots()}
    </svg>
  );
}
