/** JSON Canonicalization Scheme, RFC 8785. */
import { JpkiError } from '../errors.ts';

const MAX_DEPTH = 128;

const refuse = (what: string): never => {
  throw new JpkiError('argument-invalid', `${what} has no canonical JSON`);
};

/**
 * The canonical text of a JSON value: members sorted by UTF-16 code units (§3.2.3), numbers and strings as ECMAScript writes them (§3.2.2).
 * Sign or hash its UTF-8 bytes. Object members that are `undefined` are left out, as `JSON.stringify` does.
 * Throws `argument-invalid` for everything that is not I-JSON: NaN, infinities, lone surrogates, bigint, functions, `Date` and other class
 * instances, holes in arrays, nesting deeper than 128.
 */
export const canonicalJson = (value: unknown): string => write(value, 0);

const write = (value: unknown, depth: number): string => {
  if (depth > MAX_DEPTH) return refuse('a value nested too deeply');
  switch (typeof value) {
    case 'string':
      return text(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      return Number.isFinite(value) ? JSON.stringify(value) : refuse('a number that is not finite');
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? list(value, depth) : record(value, depth);
    default:
      return refuse(`a ${typeof value}`);
  }
};

// §3.2.2.2: a lone surrogate is an error. JSON.stringify would write it as an escape.
const text = (value: string): string => (/\p{Surrogate}/u.test(value) ? refuse('a lone surrogate') : JSON.stringify(value));

// Not `map`: it would skip the holes of a sparse array.
const list = (values: readonly unknown[], depth: number): string => `[${Array.from(values, (value) => write(value, depth + 1)).join(',')}]`;

const record = (value: object, depth: number): string => {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return refuse('an instance of a class');
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${text(name)}:${write(member, depth + 1)}`);
  return `{${members.join(',')}}`;
};
