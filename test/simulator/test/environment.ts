/** The parts of the environment JSON that tests look at. */
import type { Simulator } from '../src/index.ts';

interface EnvironmentView {
  readonly anchors: readonly { readonly id: string; readonly purpose: string; readonly certificate: string }[];
  readonly classes: Readonly<
    Record<
      string,
      {
        readonly policyOids: readonly string[];
        readonly crl: {
          readonly distributionPointBase: string;
          readonly sources: readonly { readonly anchor: string; readonly distributionPoint: string; readonly url: string }[];
        };
        readonly ocsp: { readonly url: string };
      }
    >
  >;
}

export const environmentOf = (simulator: Simulator): EnvironmentView => simulator.environment as EnvironmentView;

export const anchorOf = (simulator: Simulator, purpose: string, generation: number): Uint8Array => {
  const anchor = environmentOf(simulator).anchors.find(({ id }) => id === `${purpose}-g${generation}`);
  if (anchor === undefined) throw new RangeError('no such anchor');
  return new Uint8Array(Buffer.from(anchor.certificate, 'base64'));
};
