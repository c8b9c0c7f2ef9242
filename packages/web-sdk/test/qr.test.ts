import { expect, it } from 'vitest';
import { qrMatrix } from '../src/qr/matrix.ts';
import { QUIET_ZONE, qrPath } from '../src/qr/path.ts';

const content = `https://app.example.test/open?ticket=${'a'.repeat(43)}`;

it('has its three finder patterns', () => {
  const matrix = qrMatrix(content);
  const finder = (row: number, column: number): string =>
    Array.from({ length: 7 }, (_, r) =>
      Array.from({ length: 7 }, (_, c) => (matrix.isDark(row + r, column + c) ? '#' : '.')).join(''),
    ).join('/');
  const expected = '#######/#.....#/#.###.#/#.###.#/#.###.#/#.....#/#######';
  expect([finder(0, 0), finder(0, matrix.size - 7), finder(matrix.size - 7, 0)]).toEqual([expected, expected, expected]);
});

it('is drawn module by module, with a quiet zone of four', () => {
  const matrix = qrMatrix(content);
  const drawn = new Set<string>();
  for (const [, x, y, width] of qrPath(matrix).matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let i = 0; i < Number(width); i++) drawn.add(`${Number(y) - QUIET_ZONE},${Number(x) - QUIET_ZONE + i}`);
  }
  const dark = new Set<string>();
  for (let row = 0; row < matrix.size; row++) {
    for (let column = 0; column < matrix.size; column++) if (matrix.isDark(row, column)) dark.add(`${row},${column}`);
  }
  expect(drawn).toEqual(dark);
});

it('another content is another code', () => {
  expect(qrPath(qrMatrix(content))).not.toBe(qrPath(qrMatrix(`${content}b`)));
});
