import type { QrMatrix } from './matrix.ts';

/** ISO/IEC 18004 §9.1: four light modules on every side. */
export const QUIET_ZONE = 4;

/** The dark modules as SVG path data, horizontal runs merged, in module units with the quiet zone included. */
export function qrPath(matrix: QrMatrix): string {
  const parts: string[] = [];
  for (let row = 0; row < matrix.size; row++) {
    for (let column = 0; column < matrix.size; column++) {
      if (!matrix.isDark(row, column)) continue;
      const from = column;
      while (column + 1 < matrix.size && matrix.isDark(row, column + 1)) column++;
      parts.push(`M${from + QUIET_ZONE} ${row + QUIET_ZONE}h${column - from + 1}v1h-${column - from + 1}z`);
    }
  }
  return parts.join('');
}
