/** What the four classes look like. Policies are made up under 2.999, the arc for examples (those of smartphones are not public). */
import type { Carrier, CertificateClass, Purpose } from '@jpki-rp/verifier';

export interface ClassShape {
  readonly class: CertificateClass;
  readonly carrier: Carrier;
  readonly purpose: Purpose;
  readonly policy: string;
}

const shape = (carrier: Carrier, purpose: Purpose, policy: string): ClassShape => ({
  class: `${carrier}-${purpose}`,
  carrier,
  purpose,
  policy,
});

export const SHAPES: Readonly<Record<CertificateClass, ClassShape>> = {
  'card-digital-signature': shape('card', 'digital-signature', '2.999.392.7.1.120'),
  'card-user-authentication': shape('card', 'user-authentication', '2.999.392.7.3.130'),
  'smartphone-digital-signature': shape('smartphone', 'digital-signature', '2.999.392.7.1.140'),
  'smartphone-user-authentication': shape('smartphone', 'user-authentication', '2.999.392.7.3.150'),
};

export const PURPOSES: readonly Purpose[] = ['digital-signature', 'user-authentication'];
export const CARRIERS: readonly Carrier[] = ['card', 'smartphone'];
export const CLASSES: readonly ClassShape[] = Object.values(SHAPES);

export const isClass = (value: string): value is CertificateClass => Object.hasOwn(SHAPES, value);

export const CPS_URI = 'http://simulator.example/cps.html';
