/// <reference path="./qrcode-core.d.ts" />
import { create } from 'qrcode/lib/core/qrcode.js';

export interface QrMatrix {
  /** Modules per side, without the quiet zone. */
  readonly size: number;
  isDark(row: number, column: number): boolean;
}

/** Encodes text (UTF-8, one byte segment) as a QR code at error correction level M (15 %): enough for a screen, and the modules stay large. */
export function qrMatrix(content: string): QrMatrix {
  const { modules } = create([{ data: new TextEncoder().encode(content), mode: 'byte' }], { errorCorrectionLevel: 'M' });
  return { size: modules.size, isDark: (row, column) => modules.data[row * modules.size + column] === 1 };
}
