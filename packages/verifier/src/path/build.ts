/**
 * Finds paths from a certificate up to an anchor among unordered intermediates (RFC 4158). Shorter paths come first, and within a length those
 * whose key identifiers agree. An edge is followed only where the signature verifies; loops end where a name and key would come again.
 */
import type { Certificate } from '../certificate/certificate.ts';
import { equalBytes } from '../der/bytes.ts';
import { entityKey } from './anchor.ts';
import type { PathFault } from './fault.ts';
import { issuerKey, type Session, subjectKey } from './session.ts';

/** The anchor, and the certificates from below it down to the target. */
export interface CandidatePath {
  readonly anchor: Certificate;
  readonly certificates: readonly Certificate[];
}

/** What the search learned where it found no path. */
export interface SearchTrace {
  fault: PathFault;
}

export function* pathsFrom(
  target: Certificate,
  session: Session,
  trace: SearchTrace,
  anchors: readonly Certificate[] = session.anchors,
): Generator<CandidatePath> {
  const distance = distancesByName(session, anchors);
  const limit = session.account.limits.depth;
  const state: SearchState = { session, trace, anchors: new Set(anchors), distance, cut: false };
  for (let length = 1; length <= limit; length++) {
    state.cut = false;
    yield* search(target, [target], new Set([entityKey(target)]), length, state);
    if (!state.cut) return;
  }
  trace.fault = { check: 'building', code: 'budget-path', detail: 'depth' };
}

interface SearchState {
  readonly session: Session;
  readonly trace: SearchTrace;
  readonly anchors: ReadonlySet<Certificate>;
  readonly distance: ReadonlyMap<string, number>;
  /** A longer path may exist. */
  cut: boolean;
}

/** Yields the paths of exactly `length` certificates that begin with `trail` (target first). */
function* search(
  current: Certificate,
  trail: readonly Certificate[],
  entities: ReadonlySet<string>,
  length: number,
  state: SearchState,
): Generator<CandidatePath> {
  const { session } = state;
  const issuer = issuerKey(current);
  if (trail.length === length) {
    for (const anchor of byKeyIdentifier(current, session.anchorsNamed(issuer))) {
      if (!state.anchors.has(anchor) || !isSignedBy(current, anchor, state)) continue;
      yield { anchor, certificates: [...trail].reverse() };
    }
    if (session.intermediatesNamed(issuer).length > 0) state.cut ||= state.distance.has(issuer);
    return;
  }
  const nearest = state.distance.get(issuer);
  if (nearest === undefined) return;
  if (trail.length + nearest > length) {
    state.cut = true;
    return;
  }
  for (const candidate of byKeyIdentifier(current, session.intermediatesNamed(issuer))) {
    const entity = entityKey(candidate);
    if (entities.has(entity) || !isSignedBy(current, candidate, state)) continue;
    yield* search(candidate, [...trail, candidate], new Set([...entities, entity]), length, state);
  }
}

const isSignedBy = (certificate: Certificate, issuer: Certificate, { session, trace }: SearchState): boolean => {
  session.account.spend('candidates');
  const outcome = session.verifyCertificate(certificate, issuer.publicKeyInfo);
  if (outcome === 'ok') return true;
  if (trace.fault.code === 'path-not-found' || outcome === 'algorithm-not-allowed') {
    trace.fault =
      outcome === 'algorithm-not-allowed' ? { check: 'algorithm', code: outcome } : { check: 'signature', code: 'path-signature' };
  }
  return false;
};

/** For each name: how many certificates at least stand between a certificate of that issuer and an anchor, by names alone. */
const distancesByName = (session: Session, anchors: readonly Certificate[]): ReadonlyMap<string, number> => {
  const issuedBy = new Map<string, Set<string>>();
  for (const certificate of session.intermediates) {
    const issuer = issuerKey(certificate);
    const known = issuedBy.get(issuer);
    if (known === undefined) issuedBy.set(issuer, new Set([subjectKey(certificate)]));
    else known.add(subjectKey(certificate));
  }
  const distance = new Map<string, number>();
  let frontier = new Set(anchors.map(subjectKey));
  for (let steps = 0; frontier.size > 0; steps++) {
    const next = new Set<string>();
    for (const name of frontier) {
      if (distance.has(name)) continue;
      distance.set(name, steps);
      for (const subject of issuedBy.get(name) ?? []) next.add(subject);
    }
    frontier = next;
  }
  return distance;
};

/** Those whose subjectKeyIdentifier is the one asked for first; key identifiers are hints (RFC 5280 §4.2.1.1), the signature decides. */
const byKeyIdentifier = (certificate: Certificate, candidates: readonly Certificate[]): readonly Certificate[] => {
  const wanted = certificate.authorityKeyIdentifier?.keyIdentifier ?? null;
  if (wanted === null || candidates.length < 2) return candidates;
  const rank = ({ subjectKeyIdentifier }: Certificate): number =>
    subjectKeyIdentifier === null ? 1 : equalBytes(subjectKeyIdentifier, wanted) ? 0 : 2;
  return [...candidates].sort((a, b) => rank(a) - rank(b));
};

/** Where the name led nowhere: true if the key that the certificate names, under another name, made its signature. At most a few are tried. */
export const isSignedUnderAnotherName = (certificate: Certificate, session: Session): boolean => {
  const wanted = certificate.authorityKeyIdentifier?.keyIdentifier ?? null;
  return [...session.anchors, ...session.intermediates]
    .filter(({ subject }) => !subject.equals(certificate.issuer))
    .filter(({ subjectKeyIdentifier }) => wanted === null || (subjectKeyIdentifier !== null && equalBytes(subjectKeyIdentifier, wanted)))
    .slice(0, 8)
    .some((candidate) => session.verifyCertificate(certificate, candidate.publicKeyInfo) === 'ok');
};
