/** A part of what is read. */

/** Its octets are a view of the input, made when somebody looks at them: of the fifty parts of a certificate few ever are, and views cost more than reading. */
export class Part {
  readonly source: Uint8Array;
  readonly start: number;
  readonly end: number;
  #octets: Uint8Array | undefined;

  constructor(source: Uint8Array, start: number, end: number) {
    this.source = source;
    this.start = start;
    this.end = end;
  }

  get octets(): Uint8Array {
    this.#octets ??= this.source.subarray(this.start, this.end);
    return this.#octets;
  }
}
