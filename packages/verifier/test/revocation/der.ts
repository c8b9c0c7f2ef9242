/** A DER writer for tests, apart from everything the verifier reads with. */
export const der = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const content = Buffer.concat(parts);
  const n = content.length;
  const length = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : n < 0x10000 ? [0x82, n >> 8, n & 255] : [0x83, n >> 16, (n >> 8) & 255, n & 255];
  return new Uint8Array(Buffer.concat([Uint8Array.of(tag, ...length), content]));
};

export const seq = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Uint8Array => der(0x31, ...parts);
export const octets = (...parts: readonly Uint8Array[]): Uint8Array => der(0x04, ...parts);
export const bits = (value: Uint8Array, unused = 0): Uint8Array => der(0x03, Uint8Array.of(unused), value);
export const int = (...bytes: readonly number[]): Uint8Array => der(0x02, Uint8Array.from(bytes));
export const enumerated = (value: number): Uint8Array => der(0x0a, Uint8Array.of(value));
export const yes = (tag = 0x01): Uint8Array => der(tag, Uint8Array.of(0xff));
export const nul = (): Uint8Array => der(0x05);
/** Constructed context tag. */
export const ctx = (n: number, ...parts: readonly Uint8Array[]): Uint8Array => der(0xa0 | n, ...parts);
/** Primitive context tag. */
export const prim = (n: number, value: Uint8Array = new Uint8Array(0)): Uint8Array => der(0x80 | n, value);

export const oid = (dotted: string): Uint8Array => {
  const arcs = dotted.split('.').map(Number);
  const out: number[] = [];
  for (const arc of [(arcs[0] ?? 0) * 40 + (arcs[1] ?? 0), ...arcs.slice(2)]) {
    const group = [arc & 127];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) group.unshift((rest & 127) | 128);
    out.push(...group);
  }
  return der(0x06, Uint8Array.from(out));
};

const digits = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
export const generalizedTime = (ms: number): Uint8Array => der(0x18, Buffer.from(digits(ms)));
export const utcTime = (ms: number): Uint8Array => der(0x17, Buffer.from(digits(ms).slice(2)));

const TYPES: Readonly<Record<string, string>> = { C: '2.5.4.6', O: '2.5.4.10', OU: '2.5.4.11', CN: '2.5.4.3' };
export const attribute = (type: string, text: string, tag = 0x0c): Uint8Array => seq(oid(TYPES[type] ?? type), der(tag, Buffer.from(text)));
/** `name(['C', 'JP'], ['O', 'X'])` */
export const name = (...rdns: readonly (readonly [type: string, text: string])[]): Uint8Array =>
  seq(...rdns.map(([type, text]) => set(attribute(type, text))));

export const extension = (id: string, value: Uint8Array, critical = false): Uint8Array =>
  seq(oid(id), ...(critical ? [yes()] : []), octets(value));
