/** The encoder alone: `qrcode`'s entry would bring its renderers along. */
declare module 'qrcode/lib/core/qrcode.js' {
  export function create(
    data: readonly { readonly data: Uint8Array; readonly mode: 'byte' }[],
    options: { readonly errorCorrectionLevel: 'L' | 'M' | 'Q' | 'H' },
  ): { readonly modules: { readonly size: number; readonly data: Uint8Array } };
}
