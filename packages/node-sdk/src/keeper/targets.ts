/** What an environment publishes, as targets of a keeper. */
import { CERTIFICATE_CLASSES, type CertificateClass, type Environment, JpkiError } from '@jpki-rp/verifier';
import { crlScopeId } from '@jpki-rp/verifier/crl';
import type { CrlTarget } from './keeper.types.ts';

export interface CrlTargetsOptions {
  /** Default: every class of the environment. */
  readonly classes?: readonly CertificateClass[];
  /** Where delta CRLs to the list of a source are published; `url` is that of the source. Their hosts must be on the fetcher's list too. */
  readonly deltas?: readonly { readonly url: string; readonly deltaUrl: string }[];
}

/**
 * One target for each class, anchor and distribution point of `crl.sources`. Several URLs of one distribution point are one target with several places to ask.
 *
 * @throws JpkiError `argument-invalid` where a delta names a URL that no source has
 */
export const crlTargets = (
  environment: Environment,
  { classes = CERTIFICATE_CLASSES, deltas = [] }: CrlTargetsOptions = {},
): readonly CrlTarget[] => {
  const targets = new Map<string, CrlTarget>();
  for (const profile of Object.values(environment.classes).filter((one) => classes.includes(one.class))) {
    for (const source of profile.crl.sources) {
      const anchor = environment.anchors.find(({ id }) => id === source.anchor);
      if (anchor === undefined) continue;
      const { coverage } = profile.crl;
      const id = crlScopeId(anchor, { class: profile.class, distributionPoint: source.distributionPoint });
      const deltaUrl = targets.get(id)?.deltaUrl ?? deltas.find(({ url }) => url === source.url)?.deltaUrl;
      targets.set(id, {
        id,
        class: profile.class,
        anchor,
        distributionPoint: source.distributionPoint.toString(),
        coverage,
        algorithms: { algorithms: profile.algorithms, minimumRsaBits: profile.minimumRsaBits },
        urls: [...new Set([...(targets.get(id)?.urls ?? []), source.url])],
        ...(deltaUrl === undefined ? {} : { deltaUrl }),
      });
    }
  }
  const known = new Set([...targets.values()].flatMap(({ urls }) => urls));
  if (deltas.some(({ url }) => !known.has(url))) throw new JpkiError('argument-invalid', 'deltas: the URL of a source is expected');
  return [...targets.values()];
};
