/** What the bank keeps about a customer. Personal data lives here and nowhere else: not in logs, not in events, not in URLs. */
import type { Person } from '@jpki-rp/node-sdk';
import type { Carrier, CertificateClass, Check, RevocationFinding } from '@jpki-rp/verifier';

export interface Application {
  readonly branch: BranchId;
  readonly purpose: PurposeId;
}

export const BRANCHES = {
  'hoshimi-chuo': { ja: '星見中央支店', en: 'Hoshimi Central Branch', code: '101' },
  'minato-kita': { ja: '港北台支店', en: 'Minatokitadai Branch', code: '108' },
  'kaigan-dori': { ja: '海岸通支店', en: 'Kaigan-dori Branch', code: '115' },
} as const;
export type BranchId = keyof typeof BRANCHES;

export const PURPOSES = {
  living: { ja: '生計費の決済', en: 'Everyday payments' },
  salary: { ja: '給与・年金の受取り', en: 'Salary or pension' },
  savings: { ja: '貯蓄・資産運用', en: 'Savings and investment' },
} as const;
export type PurposeId = keyof typeof PURPOSES;

/** What was verified in one identification, and why the bank believed it. */
export interface Identification {
  readonly id: string;
  readonly operation: string;
  /** By the JPKI's clock. */
  readonly at: Date;
  readonly class: CertificateClass;
  readonly carrierWitnesses: readonly ('certificate' | 'app')[];
  readonly checks: readonly Check[];
  readonly revocation: RevocationFinding;
  readonly warnings: readonly string[];
  /** Compact JWS over everything the verdict stood on. */
  readonly evidence: string;
}

/** A certificate that may log in. Known by a keyed MAC only; no serial number is kept. */
export interface RegisteredCertificate {
  readonly ref: string;
  readonly class: CertificateClass;
  readonly registeredAt: Date;
  /** The link by which it came; null where it was registered by itself. What a link brought goes with it when the link is disowned. */
  readonly link: string | null;
}

/** The two certificates of a link, as the bank knows them. */
export interface LinkedRefs {
  readonly card: string;
  /** Null for a renewal, which ties a card to the one before. */
  readonly smartphone: string | null;
}

export interface Message {
  readonly at: Date;
  readonly ja: string;
  readonly en: string;
  /** The link it tells of, where the person may still say that it is not theirs. */
  readonly link?: string;
}

export interface Transfer {
  readonly id: string;
  readonly at: Date;
  readonly payee: PayeeId;
  readonly amount: number;
  /** The carriers that were asked for. */
  readonly shown: readonly Carrier[];
}

/** Nobody real is paid. */
export const PAYEES = {
  landlord: { ja: '木もれ陽ハイツ管理', en: 'Komorebi Heights (rent)', account: '星見中央 7310294' },
  water: { ja: '架空県水道局', en: 'Kakuu Waterworks', account: '港北台 0048216' },
  friend: { ja: 'ミホン タロウ', en: 'Mihon Taro', account: '海岸通 5520187' },
} as const;
export type PayeeId = keyof typeof PAYEES;

export interface Account {
  readonly id: string;
  readonly number: string;
  readonly application: Application;
  readonly openedAt: Date;
  /** As the certificate says it. */
  readonly person: Person;
  readonly identifications: Identification[];
  readonly certificates: RegisteredCertificate[];
  /** By the link’s id. */
  readonly links: Map<string, LinkedRefs>;
  /** Certificates of which the person said that they are not theirs: none of them comes back by itself. */
  readonly barred: Set<string>;
  readonly transfers: Transfer[];
  balance: number;
  /** Newest first. */
  readonly inbox: Message[];
}
