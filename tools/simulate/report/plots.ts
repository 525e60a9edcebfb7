/** Plots as inline SVG. Each is drawn again as a table beside it, so that it is an illustration only. */

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 48;
const BOTTOM = 28;
const TOP = 12;
const INK = '#12344d';
const PALE = '#c9d6df';

/** For text and attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function framed(label: string, height: number, inside: string): string {
  const box = `viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(label)}"`;
  return `<svg ${box} xmlns="http://www.w3.org/2000/svg">${inside}</svg>`;
}

function text(x: number, y: number, what: string, anchor = 'middle'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="12" fill="${INK}">${escaped(what)}</text>`;
}

const yOf = (share: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - share);

/** A curve of shares (0 to 1) over positive places. */
export function curve(label: string, points: readonly (readonly [x: number, share: number])[]): string {
  const right = Math.max(...points.map(([x]) => x));
  const xOf = (x: number): number => LEFT + ((WIDTH - LEFT - 20) * x) / right;
  const line = points.map(([x, share]) => `${xOf(x).toFixed(1)},${yOf(share).toFixed(1)}`).join(' ');
  const grid = [0, 0.5, 1].map(
    (share) =>
      `<line x1="${LEFT}" x2="${WIDTH - 20}" y1="${yOf(share)}" y2="${yOf(share)}" stroke="${PALE}"/>${text(LEFT - 6, yOf(share) + 4, `${100 * share} %`, 'end')}`,
  );
  const places = points.filter((_, i) => i % 2 === 0).map(([x]) => text(xOf(x), HEIGHT - 8, String(x)));
  const path = `<polyline points="${line}" fill="none" stroke="${INK}" stroke-width="2.5"/>`;
  return framed(label, HEIGHT, [...grid, ...places, path].join(''));
}

/** Bars, each named. */
export function bars(label: string, values: readonly (readonly [name: string, value: number])[]): string {
  const most = Math.max(1e-9, ...values.map(([, value]) => value));
  const step = (WIDTH - LEFT) / Math.max(1, values.length);
  const inside = values.map(([, value], i) => {
    const y = yOf(value / most);
    return `<rect x="${(LEFT + i * step + 1).toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(1, step - 2).toFixed(1)}" height="${(HEIGHT - BOTTOM - y).toFixed(1)}" fill="${INK}"/>`;
  });
  const scale = [0, most].map((value) => text(LEFT - 6, yOf(value / most) + 4, value.toPrecision(3), 'end'));
  return framed(label, HEIGHT, [...inside, ...scale].join(''));
}

/** A square of counts, darker for more. */
export function matrix(
  label: string,
  names: readonly string[],
  countOf: (row: string, column: string) => number,
): string {
  const cell = Math.min(24, (WIDTH - LEFT) / names.length);
  const most = Math.max(1, ...names.flatMap((row) => names.map((column) => countOf(row, column))));
  const cells = names.flatMap((row, y) =>
    names.map((column, x) => {
      const depth = Math.sqrt(countOf(row, column) / most);
      const place = `x="${(LEFT + x * cell).toFixed(1)}" y="${(y * cell).toFixed(1)}" width="${cell.toFixed(1)}" height="${cell.toFixed(1)}"`;
      return `<rect ${place} fill="${INK}" fill-opacity="${depth.toFixed(2)}" stroke="${PALE}"/>`;
    }),
  );
  return framed(label, names.length * cell + 4, cells.join(''));
}
