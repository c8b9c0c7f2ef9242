/** GeneralName (RFC 5280 §4.2.1.6) and DistributionPointName (§4.2.1.13). */
import { view } from '../der/bytes.ts';
import { Part } from '../der/part.ts';
import { contextConstructed, contextPrimitive, type DerReader, TAG } from '../der/reader.ts';
import { checkAscii } from '../der/strings.ts';
import { type Name, type RelativeDistinguishedName, readName, readRdnContent } from './name.ts';

export type GeneralName =
  | { readonly kind: 'otherName'; readonly typeId: string /** The element after the type-id, as it stands. */; readonly value: Uint8Array }
  | { readonly kind: 'rfc822Name' | 'dNSName' | 'uniformResourceIdentifier'; readonly text: string }
  | { readonly kind: 'directoryName'; readonly name: Name }
  | { readonly kind: 'iPAddress'; readonly octets: Uint8Array }
  | { readonly kind: 'registeredID'; readonly oid: string }
  | { readonly kind: 'x400Address' | 'ediPartyName'; readonly der: Uint8Array };

/** An otherName as it was read. */
export class OtherName extends Part {
  readonly kind = 'otherName';
  readonly typeId: string;

  constructor(typeId: string, source: Uint8Array, start: number, end: number) {
    super(source, start, end);
    this.typeId = typeId;
  }

  get value(): Uint8Array {
    return this.octets;
  }
}

type TextKind = 'rfc822Name' | 'dNSName' | 'uniformResourceIdentifier';

/** An IA5String, checked when it was read and decoded when somebody asks. */
class TextName extends Part {
  readonly kind: TextKind;

  constructor(kind: TextKind, source: Uint8Array, start: number, end: number) {
    super(source, start, end);
    this.kind = kind;
  }

  get text(): string {
    return view(this.octets).toString('latin1');
  }
}

const readText = (reader: DerReader, kind: TextKind, tag: number): TextName => {
  const start = reader.passed(tag);
  checkAscii(reader, start, reader.pos);
  return new TextName(kind, reader.bytes, start, reader.pos);
};

export const readGeneralName = (reader: DerReader): GeneralName => {
  const tag = reader.peek();
  switch (tag) {
    case contextConstructed(0): {
      const outer = reader.enter(tag);
      const typeId = reader.oid();
      const start = reader.pos;
      reader.skip();
      const end = reader.pos;
      reader.leave(outer);
      return new OtherName(typeId, reader.bytes, start, end);
    }
    case contextPrimitive(1):
      return readText(reader, 'rfc822Name', tag);
    case contextPrimitive(2):
      return readText(reader, 'dNSName', tag);
    case contextConstructed(3):
      return { kind: 'x400Address', der: reader.element() };
    case contextConstructed(4): {
      // directoryName is EXPLICIT: Name is a CHOICE.
      const outer = reader.enter(tag);
      const name = readName(reader);
      reader.leave(outer);
      return { kind: 'directoryName', name };
    }
    case contextConstructed(5):
      return { kind: 'ediPartyName', der: reader.element() };
    case contextPrimitive(6):
      return readText(reader, 'uniformResourceIdentifier', tag);
    case contextPrimitive(7):
      return { kind: 'iPAddress', octets: reader.value(tag) };
    case contextPrimitive(8):
      return { kind: 'registeredID', oid: reader.oid(tag) };
    default:
      return reader.fail('GeneralName expected');
  }
};

/** GeneralNames, at least one; `tag` where the SEQUENCE is implicitly tagged. */
export const readGeneralNames = (reader: DerReader, tag: number = TAG.SEQUENCE): readonly GeneralName[] => {
  const outer = reader.enter(tag);
  const names: GeneralName[] = [];
  do names.push(readGeneralName(reader));
  while (!reader.done);
  reader.leave(outer);
  return names;
};

export type DistributionPointName =
  | { readonly kind: 'fullName'; readonly names: readonly GeneralName[] }
  | { readonly kind: 'nameRelativeToCRLIssuer'; readonly rdn: RelativeDistinguishedName };

/** DistributionPointName inside its EXPLICIT [0]. */
export const readDistributionPointName = (reader: DerReader): DistributionPointName => {
  const outer = reader.enter(contextConstructed(0));
  let name: DistributionPointName;
  if (reader.peek() === contextConstructed(0)) {
    name = { kind: 'fullName', names: readGeneralNames(reader, contextConstructed(0)) };
  } else {
    const relative = reader.enter(contextConstructed(1));
    name = { kind: 'nameRelativeToCRLIssuer', rdn: readRdnContent(reader) };
    reader.leave(relative);
  }
  reader.leave(outer);
  return name;
};
