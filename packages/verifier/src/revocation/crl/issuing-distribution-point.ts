/** IssuingDistributionPoint (RFC 5280 §5.2.5): what a CRL covers. */
import { type DistributionPointName, readDistributionPointName } from '../../certificate/general-name.ts';
import { contextConstructed, contextPrimitive, type DerReader, TAG } from '../../der/reader.ts';

export interface IssuingDistributionPoint {
  /** The whole SEQUENCE: two CRLs have the same scope where these octets agree. */
  readonly der: Uint8Array;
  readonly name: DistributionPointName | null;
  readonly onlyContainsUserCerts: boolean;
  readonly onlyContainsCaCerts: boolean;
  /** Bit n is the bit n of ReasonFlags; null where the CRL covers all reasons. */
  readonly onlySomeReasons: number | null;
  readonly indirectCrl: boolean;
  readonly onlyContainsAttributeCerts: boolean;
}

/** Refuses the empty SEQUENCE, encoded defaults, and more than one of the three "only contains" (RFC 5280 §5.2.5). */
export const readIssuingDistributionPoint = (reader: DerReader): IssuingDistributionPoint => {
  const start = reader.pos;
  const outer = reader.enter(TAG.SEQUENCE);
  if (reader.done) reader.fail('issuingDistributionPoint empty');
  const name = reader.peek() === contextConstructed(0) ? readDistributionPointName(reader) : null;
  const onlyContainsUserCerts = flag(reader, 1);
  const onlyContainsCaCerts = flag(reader, 2);
  const onlySomeReasons = reader.peek() === contextPrimitive(3) ? reader.namedBits(contextPrimitive(3)) : null;
  const indirectCrl = flag(reader, 4);
  const onlyContainsAttributeCerts = flag(reader, 5);
  reader.leave(outer);
  if (Number(onlyContainsUserCerts) + Number(onlyContainsCaCerts) + Number(onlyContainsAttributeCerts) > 1)
    reader.fail('issuingDistributionPoint limited to nothing');
  return {
    der: reader.bytes.subarray(start, reader.pos),
    name,
    onlyContainsUserCerts,
    onlyContainsCaCerts,
    onlySomeReasons,
    indirectCrl,
    onlyContainsAttributeCerts,
  };
};

const flag = (reader: DerReader, number: number): boolean => {
  if (reader.peek() !== contextPrimitive(number)) return false;
  if (!reader.boolean(contextPrimitive(number))) reader.fail('DEFAULT value encoded');
  return true;
};
