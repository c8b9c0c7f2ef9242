/** A second, naive telling of what a ledger does: one list of links, everything looked up by walking it. */
export interface ModelLink {
  readonly account: number;
  readonly relation: 'authentication' | 'authentication-renewal';
  readonly card: number;
  /** 0 for a renewal. */
  readonly phone: number;
  /** The card it renewed, 0 for a ceremony. */
  readonly old: number;
  /** Who took it back: then it leads nowhere, and a phone that was undone does not come back. */
  readonly takenBack: 'undone' | 'withdrawn' | null;
  readonly state: 'active' | 'suspended' | 'superseded' | 'ended';
  /** `card`, `phone`: certificate on hold. */
  readonly holds: readonly ('card' | 'phone' | 'operator' | 'person')[];
}
export type Model = readonly ModelLink[];

export const live = ({ state }: ModelLink): boolean => state === 'active' || state === 'suspended';
export const settled = (link: ModelLink): ModelLink =>
  live(link) ? { ...link, state: link.holds.length === 0 ? 'active' : 'suspended' } : { ...link, holds: [] };
/** In force: its status counts. */
export const has = (link: ModelLink, certificate: number): boolean => link.card === certificate || link.phone === certificate;
export const claims = (link: ModelLink): readonly number[] => [link.card, link.phone, link.old].filter((certificate) => certificate !== 0);
