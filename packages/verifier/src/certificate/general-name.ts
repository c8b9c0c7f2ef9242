/** GeneralName (RFC 5280 §4.2.1.6) and DistributionPointName (§4.2.1.13). */
import { contextConstructed, contextPrimitive, type DerReader, TAG } from '../der/reader.ts';
import { asciiOf } from '../der/strings.ts';
import { type Name, type RelativeDistinguishedName, readName, readRdnContent } from './name.ts';

export type GeneralName =
  | { readonly kind: 'otherName'; readonly typeId: string /** The element after the type-id, as it stands. */; readonly value: Uint8Array }
  | { readonly kind: 'rfc822Name' | 'dNSName' | 'uniformResourceIdentifier'; readonly text: string }
  | { readonly kind: 'directoryName'; readonly name: Name }
  | { readonly kind: 'iPAddress'; readonly octets: Uint8Array }
  | { readonly kind: 'registeredID'; readonly oid: string }
  | { readonly kind: 'x400Address' | 'ediPartyName'; readonly der: Uint8Array };

export const readGeneralName = (reader: DerReader): GeneralName => {
  const tag = reader.peek();
  switch (tag) {
    case contextConstructed(0): {
      const outer = reader.enter(tag);
      const typeId = reader.oid();
      const value = reader.element();
      reader.leave(outer);
      return { kind: 'otherName', typeId, value };
    }
    case contextPrimitive(1):
      return { kind: 'rfc822Name', text: asciiOf(reader, reader.value(tag)) };
    case contextPrimitive(2):
      return { kind: 'dNSName', text: asciiOf(reader, reader.value(tag)) };
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
      return { kind: 'uniformResourceIdentifier', text: asciiOf(reader, reader.value(tag)) };
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
