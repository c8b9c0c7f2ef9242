import type { Json } from '../http/wire.ts';

/** JSON Pointer, RFC 6901, over own members only. `undefined`: nothing there. */
export function valueAt(value: Json, pointer: string): Json | undefined {
  let current: Json | undefined = value;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    if (Array.isArray(current) && !/^(0|[1-9][0-9]{0,8})$/.test(key)) return undefined;
    current = (current as { readonly [key: string]: Json })[key];
  }
  return current;
}

export const POINTER_SYNTAX: RegExp = /^(\/([^/~]|~[01])+)+$/;

/** The pointer to a path of object keys and array indices. */
export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
