/** The partitioned CRLs: one per class, generation and municipality, each naming its distribution point. */
import { sign } from 'node:crypto';
import type { CertificateClass } from '@jpki-rp/verifier';
import { OID } from '@jpki-rp/verifier/oids';
import { bits, encode, enumerated, integer, nothing, oid, raw, sequence, tagged, utcTime } from '../asn1/der.ts';
import { MUNICIPALITIES, type Municipality } from '../register/municipalities.ts';
import { extensionBlock, issuingDistributionPoint, shortAuthorityKeyIdentifier } from './extensions.ts';
import type { Authorities } from './issuer.ts';
import { type IssuedRecord, type Ledger, REASON_VALUES, type Revocation } from './ledger.ts';
import { distributionPoint, issuerDn, nameBlock } from './names.ts';
import { CLASSES, SHAPES } from './profiles.ts';
import { days, startOfDay, wholeSeconds } from './time.ts';

export type CrlPublication = 'immediate' | 'daily' | 'on-demand';

export interface CrlPublisher {
  /** The CRL published at `now`, signed anew only when it changed. */
  publish(certificateClass: CertificateClass, generation: number, municipality: Municipality, now: Date): Uint8Array;
  /** `on-demand`: what stands at `now` becomes what is published. */
  publishAll(now: Date): void;
}

/**
 * `daily`: at midnight in Japan, as JPKI does; what is revoked during a day appears on the next. `immediate`: the same, and once more at every
 * revocation, so that a test need not wait a day. `on-demand`: as `daily`, and whenever `publishAll` is called.
 */
export function crlPublisher(authorities: Authorities, ledger: Ledger, publication: CrlPublication): CrlPublisher {
  const published = new Map<string, Published>();

  const issue = (
    certificateClass: CertificateClass,
    generation: number,
    municipality: Municipality,
    until: Date,
    now: Date,
  ): Uint8Array => {
    const partition = partitionOf(certificateClass, generation, municipality);
    const before = published.get(partition);
    const midnight = startOfDay(now);
    const entries = ledger.revoked(certificateClass, generation, municipality.id).filter(([, { at }]) => at <= until);
    const latest = publication === 'on-demand' ? wholeSeconds(until) : new Date(Math.max(0, ...entries.map(([, { at }]) => at.getTime())));
    // Neither date nor number goes back: not when the newest entry was a hold that has been lifted, nor where two CRLs share a second (RFC 5280 §5.2.3).
    const thisUpdate = new Date(Math.max(midnight.getTime(), latest.getTime(), before?.thisUpdate ?? 0));
    const of = [thisUpdate.getTime(), ...entries.map(([{ serial }, { reason }]) => `${serial}${reason}`)].join();
    if (before?.of === of) return before.der;
    const number = Math.max(thisUpdate.getTime() / 1000, (before?.number ?? 0) + 1);
    const { key } = authorities.issuer(SHAPES[certificateClass].purpose, generation);
    const nextUpdate = days(midnight, 1);
    const tbs = toBeSigned({ certificateClass, municipality, keyId: key.keyId, thisUpdate, nextUpdate, number, entries });
    const der = encode(sequence(raw(tbs), algorithm(), bits(sign('sha256', tbs, key.privateKey))));
    published.set(partition, { of, number, thisUpdate: thisUpdate.getTime(), der });
    return der;
  };

  return {
    publish: (certificateClass, generation, municipality, now) => {
      const midnight = startOfDay(now);
      const standing = published.get(partitionOf(certificateClass, generation, municipality));
      if (publication === 'on-demand' && standing !== undefined && standing.thisUpdate >= midnight.getTime()) return standing.der;
      return issue(certificateClass, generation, municipality, publication === 'immediate' ? now : midnight, now);
    },
    publishAll: (now) => {
      if (publication !== 'on-demand') throw new RangeError('CRLs are published on demand only with that option');
      for (let generation = 1; generation <= authorities.generations; generation++)
        for (const { class: of } of CLASSES) for (const municipality of MUNICIPALITIES) issue(of, generation, municipality, now, now);
    },
  };
}

interface Published {
  /** What it says, to tell whether it says anything new. */
  readonly of: string;
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  readonly der: Uint8Array;
}

const partitionOf = (certificateClass: CertificateClass, generation: number, { id }: Municipality): string =>
  `${certificateClass}/${generation}/${id}`;

const algorithm = () => sequence(oid(OID.sha256WithRSAEncryption), nothing());

interface Contents {
  readonly certificateClass: CertificateClass;
  readonly municipality: Municipality;
  readonly keyId: Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly number: number;
  readonly entries: readonly (readonly [IssuedRecord, Revocation])[];
}

function toBeSigned({ certificateClass, municipality, keyId, thisUpdate, nextUpdate, number, entries }: Contents): Uint8Array {
  const { carrier, purpose } = SHAPES[certificateClass];
  const revoked = entries.map(([{ serial }, { at, reason }]) =>
    sequence(
      integer(serial),
      utcTime(at),
      // "unspecified" is said by leaving the reason out (RFC 5280 §5.3.1).
      ...(reason === 'unspecified' ? [] : [sequence(extensionBlock(OID.reasonCode, false, encode(enumerated(REASON_VALUES[reason]))))]),
    ),
  );
  return encode(
    sequence(
      integer(1),
      algorithm(),
      nameBlock(issuerDn(purpose)),
      utcTime(thisUpdate),
      utcTime(nextUpdate),
      ...(revoked.length === 0 ? [] : [sequence(...revoked)]),
      tagged(
        0,
        sequence(
          extensionBlock(OID.authorityKeyIdentifier, false, shortAuthorityKeyIdentifier(keyId)),
          extensionBlock(OID.crlNumber, false, encode(integer(number))),
          extensionBlock(OID.issuingDistributionPoint, true, issuingDistributionPoint(distributionPoint(carrier, purpose, municipality))),
        ),
      ),
    ),
  );
}
