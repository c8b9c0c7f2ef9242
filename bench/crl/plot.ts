/** Time and memory against the number of entries, both axes logarithmic. */

export interface Point {
  readonly entries: number;
  readonly ms: number;
  readonly peak: number;
}

/** Exponent of the power law that fits best (least squares of the logarithms). */
export const exponentOf = (points: readonly (readonly [number, number])[]): number => {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))];
  return logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
};

const WIDTH = 760;
const HEIGHT = 420;
const BOX = { left: 70, right: 690, top: 40, bottom: 360 };

export const svgOf = (points: readonly Point[], title: string): string => {
  const xs = [1e4, 1e8] as const;
  const ys = [1, 1e4] as const;
  const at = (value: number, [low, high]: readonly [number, number], from: number, to: number): number =>
    from + ((Math.log10(value) - Math.log10(low)) / (Math.log10(high) - Math.log10(low))) * (to - from);
  const x = (value: number): string => at(value, xs, BOX.left, BOX.right).toFixed(1);
  const y = (value: number): string => at(Math.max(ys[0], value), ys, BOX.bottom, BOX.top).toFixed(1);
  const line = (of: (point: Point) => number, colour: string): string =>
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map((p) => `${x(p.entries)},${y(of(p))}`).join(' ')}"/>` +
    points.map((p) => `<circle cx="${x(p.entries)}" cy="${y(of(p))}" r="3" fill="${colour}"/>`).join('');
  const grid = [1e4, 1e5, 1e6, 1e7, 1e8]
    .map(
      (v) =>
        `<line x1="${x(v)}" x2="${x(v)}" y1="${BOX.top}" y2="${BOX.bottom}" stroke="#ddd"/><text x="${x(v)}" y="378" text-anchor="middle">10${'⁴⁵⁶⁷⁸'[Math.log10(v) - 4]}</text>`,
    )
    .join('');
  const rows = [1, 10, 100, 1000, 10_000]
    .map(
      (v) =>
        `<line x1="${BOX.left}" x2="${BOX.right}" y1="${y(v)}" y2="${y(v)}" stroke="#ddd"/><text x="62" y="${y(v)}" text-anchor="end" dy="4">${v}</text>`,
    )
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<title>${title}</title><rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/><text x="${BOX.left}" y="22" font-size="14">${title}</text>
${grid}${rows}
${line((p) => p.ms, '#0b57d0')}${line((p) => p.peak / 2 ** 20, '#b3261e')}
<text x="380" y="404" text-anchor="middle">entries</text>
<text x="90" y="58" fill="#0b57d0">time, ms</text><text x="90" y="76" fill="#b3261e">peak resident memory, MiB</text>
</svg>
`;
};
