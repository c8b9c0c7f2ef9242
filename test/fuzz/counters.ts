/** How much work an input causes: elements read by our reader, public-key operations by node:crypto. */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { DerReader } from '../../packages/verifier/src/der/reader.ts';

export const work = { elements: 0, signatures: 0 };

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Every header of every element passes through this one method of the reader. */
const countElements = (): void => {
  const length = Reflect.get(DerReader.prototype, 'length') as Method | undefined;
  if (typeof length !== 'function') throw new Error('the reader no longer has the method that is counted');
  Reflect.set(DerReader.prototype, 'length', function (this: unknown) {
    work.elements += 1;
    return length.call(this);
  });
};

const countSignatures = (): void => {
  for (const name of ['verify', 'publicDecrypt'] as const) {
    const operation = crypto[name] as Method;
    Reflect.set(crypto, name, (...args: unknown[]) => {
      work.signatures += 1;
      return operation(...args);
    });
  }
  syncBuiltinESMExports();
};

export const startCounting = (): void => {
  countElements();
  countSignatures();
};
