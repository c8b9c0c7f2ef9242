/** What a simulator offers. Everything a test, the sample bank or the demo needs of a JPKI, in one process. */
import type { AppLinkDoorProfile } from '@jpki-rp/node-sdk/door';
import type { Carrier, CertificateClass, Purpose, RevocationReason } from '@jpki-rp/verifier';
import type { CrlPublication } from './authority/crl.ts';
import type { Fault, FaultTarget } from './http/status-data.ts';

export interface SimulatorOptions {
  /** The JPKI's clock. Default: the wall clock at start, moved by `advanceTo`. */
  readonly clock?: () => Date;
  /** Names, serials, dates and outcomes follow from it. Default 1. */
  readonly seed?: number;
  /** Default 0 (any free port), on 127.0.0.1. */
  readonly port?: number;
  /** Host to listen on and to write into URLs. Default 127.0.0.1. */
  readonly host?: string;
  /** TLS key and certificate (PEM) for `--https`. The virtual app then also trusts this certificate at a relying party. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Delay between the revocation of a card certificate and that of the linked smartphone certificate (連動失効). Default 3 600. */
  readonly linkedRevocationDelaySeconds?: number;
  /** CA generations, all under one name. 1 to 3, default 2. */
  readonly generations?: number;
  /** `daily`: CRLs appear at midnight in Japan only. `immediate` (default): also at every revocation. `on-demand`: also when `publishCrls` is called. */
  readonly crlPublication?: CrlPublication;
  /** A second responder for the same answers, at an address of its own: the environment names it after the first. Default: none. */
  readonly secondResponder?: boolean;
  /** The articles under which relying parties get link information here. Default: none. */
  readonly linkInformation?: readonly LinkInformationSource[];
  /** Relying-party origins on the whitelist. Default: any loopback origin. */
  readonly allowedOrigins?: readonly string[];
  /** Called with each request the virtual app or the servers handle; for tests that watch leaks. */
  readonly onRequest?: (line: { readonly method: string; readonly path: string; readonly status: number }) => void;
}

export interface PersonOptions {
  readonly name?: string;
  readonly municipality?: string;
  /** Default: both carriers. */
  readonly carriers?: readonly Carrier[];
  /** Issuer generation, 1-based. Default: the newest. */
  readonly generation?: number;
  /** Smartphone certificate types written (R-08). Default: both. */
  readonly smartphonePurposes?: readonly Purpose[];
}

export interface IssuedCertificate {
  readonly class: CertificateClass;
  readonly der: Uint8Array;
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** PEM PKCS#8; test keys only. */
  readonly privateKey: string;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly pins: { readonly authentication: string; readonly signing: string };
  certificate(carrier: Carrier, purpose: Purpose): IssuedCertificate | null;
}

/** Outcomes that the virtual app can be told to give. */
export type AppOutcome =
  | 'success'
  | 'cancel'
  | 'pin-wrong'
  | 'pin-locked'
  | 'no-certificate'
  | 'app-outdated'
  | 'rp-not-allowed'
  | 'timeout';

/** The headless phone: the same protocol as the page `/app`, without a browser. */
export interface VirtualApp {
  /** Takes an app link or QR content; redeems its ticket at the relying party. */
  open(link: string): Promise<AppSession>;
}

export interface AppSession {
  /** What the phone shows: who asks, and why. */
  readonly request: {
    readonly relyingPartyName: string;
    readonly relyingPartyOrigin: string;
    readonly operationName: string;
    readonly purpose: Purpose;
    readonly carriers: readonly Carrier[];
    readonly documentText?: string;
    /** The two digits to be typed in the browser that began (QR only). */
    readonly matchNumber?: string;
    readonly returnUrl: string;
  };
  /** Where the answer goes; for tests that replay or forge messages. */
  readonly callbackUrl: string;
  /** Signs with the person's certificate and answers through the real callback. May be called again: a relying party has to stand that. */
  answer(answer: {
    readonly person: Person;
    readonly carrier: Carrier;
    /** PIN (user authentication) or signing password; `biometrics` for smartphone user authentication only. */
    readonly unlock?: string | 'biometrics';
    readonly outcome?: AppOutcome;
    /** Attack surface for tests: what the app would send, changed before it goes out. */
    readonly tamper?: (message: Record<string, unknown>) => Record<string, unknown>;
    /** Signs other bytes than asked for. */
    readonly signInstead?: Uint8Array;
  }): Promise<{ readonly status: number; readonly message: Record<string, unknown>; readonly returnUrl: string }>;
}

/** Made-up names for the articles: 18(4) the two signature certificates, 18(5) the two of one carrier, 37 the two of user authentication. */
export type LinkInformationSource = 'article-18-4' | 'article-18-5' | 'article-37';

/** Hex, as the verifier writes them. */
export interface CertificateReference {
  readonly class: CertificateClass;
  readonly issuerKeyId: string;
  readonly serialNumber: string;
}

/** Throws a RangeError for an article that is not among `linkInformation`; null where the issuer has nothing to say. */
export interface LinkInformation {
  /** The newest certificate that belongs to this one (証明書紐付け情報). */
  counterpart(source: LinkInformationSource, certificate: CertificateReference): CertificateReference | null;
  /** The certificate that this one took the place of (証明書新旧紐付け情報). */
  predecessor(source: LinkInformationSource, certificate: CertificateReference): CertificateReference | null;
}

export interface Simulator {
  /** Environment JSON for `loadEnvironment` (kind `simulator`). */
  readonly environment: unknown;
  readonly doorProfile: AppLinkDoorProfile;
  readonly urls: {
    readonly origin: string;
    readonly app: string;
    readonly control: string;
    readonly links: string;
    crl(certificateClass: CertificateClass, generation: number, partition: string): string;
    ocsp(certificateClass: CertificateClass): string;
  };
  /** For `/control/*` and `/links/*`. */
  readonly controlToken: string;
  readonly app: VirtualApp;
  /** Creates a fictional person with a card and, by default, a smartphone. */
  person(options?: PersonOptions): Promise<Person>;
  people(): readonly Person[];
  revoke(person: Person, carrier: Carrier, purpose: Purpose, reason?: RevocationReason): void;
  hold(person: Person, carrier: Carrier, purpose: Purpose): void;
  /** Lifts a hold: the certificate is good again. */
  release(person: Person, carrier: Carrier, purpose: Purpose): void;
  /** Why the certificate that is held now is not good; null while it is. Expiry aside. */
  revocation(person: Person, carrier: Carrier, purpose: Purpose): RevocationReason | null;
  /** New smartphone: new certificates, the old ones revoked (R-32). */
  changeDevice(person: Person): Promise<void>;
  /** New card certificates; smartphone certificates must be applied for again (R-28). */
  renew(person: Person): Promise<void>;
  /** Signature certificates revoked (affiliationChanged) and reissued with the new address; authentication certificates stay. */
  moveHouse(person: Person, municipality: string): Promise<void>;
  readonly links: LinkInformation;
  now(): Date;
  /** Moves the JPKI's clock forward and runs what falls due (linked revocation, CRL publication). */
  advanceTo(time: Date): void;
  /** Publishes all CRLs anew as things stand (`on-demand` only: throws a RangeError otherwise). */
  publishCrls(): void;
  /** DER of the CRL now published for the partition. */
  crl(certificateClass: CertificateClass, generation: number, partition: string): Uint8Array;
  /** A platform operator who may ask this JPKI for those who may not (docs/platform-operator.md). */
  readonly platform: {
    readonly url: string;
    /** For the Authorization header, after `Bearer `. */
    readonly token: string;
    /** How often it has been asked. */
    asked(): number;
    /** Makes it misbehave until reset. */
    fail(fault: 'down' | 'garbage' | null): void;
  };
  readonly faults: {
    /** Makes `/ocsp`, the second responder or `/crl` misbehave until reset. */
    set(target: FaultTarget, fault: Fault | null): void;
    /** How many requests met that fault so far. */
    met(target: FaultTarget, fault: Fault): number;
  };
  close(): Promise<void>;
}
