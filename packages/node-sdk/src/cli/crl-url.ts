/** `crl ingest` from where an environment says that a CRL is published. */
import { CERTIFICATE_CLASSES, CODES } from '@jpki-rp/verifier';
import { downloadCrl, type IngestCrlOptions } from '@jpki-rp/verifier/crl';
import { createFetcher, environmentHosts, FetchError, hostOf } from '@jpki-rp/verifier/net';
import { environmentOf, oneOf } from './files.ts';
import { type Answer, CliFault, EXIT, type Language } from './terminal.ts';

export const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);

/** What is known of a list by its place in an environment. */
export type PublishedList = Pick<IngestCrlOptions, 'issuer' | 'scope' | 'algorithms'>;

export interface Remote {
  readonly hosts: readonly string[];
  /** Null where the environment does not name this URL, or for several lists. */
  readonly list: PublishedList | null;
}

const usage = (ja: string, en: string): CliFault => new CliFault(EXIT.usage, { ja, en });

/** Only hosts of the environment are asked, whatever the URL says. */
export const remoteOf = async (url: string, environmentPath: string | undefined, className: string | undefined): Promise<Remote> => {
  if (environmentPath === undefined) throw usage('URLから読むには --environment が必要です', 'a URL needs --environment');
  const environment = await environmentOf(environmentPath);
  const hosts = environmentHosts(environment);
  const host = hostOf(url);
  if (host === null || !hosts.includes(host)) throw usage(CODES['host-not-allowed'].ja, CODES['host-not-allowed'].en);
  const only = className === undefined ? undefined : oneOf(className, CERTIFICATE_CLASSES, 'class');
  const lists = Object.values(environment.classes)
    .filter((profile) => only === undefined || profile.class === only)
    .flatMap((profile) => profile.crl.sources.filter((source) => source.url === url).map((source) => ({ profile, source })));
  const [known, ...others] = lists;
  const issuer = environment.anchors.find(({ id }) => id === known?.source.anchor);
  if (known === undefined || others.length > 0 || issuer === undefined) return { hosts, list: null };
  const { profile, source } = known;
  return {
    hosts,
    list: {
      issuer,
      scope: { class: profile.class, distributionPoint: source.distributionPoint, coverage: profile.crl.coverage },
      algorithms: { algorithms: profile.algorithms, minimumRsaBits: profile.minimumRsaBits },
    },
  };
};

const unavailable = (detail: string, language: Language): Answer => {
  const code = detail === 'too-large' ? 'budget-crl' : 'crl-unavailable';
  return { exit: EXIT.unknown, json: { ok: false, code, detail }, lines: [`${code} ${detail}`, CODES[code][language]] };
};

/** Hands the list on while it arrives; what the network does on the way is an answer too. */
export const downloaded = async (
  url: string,
  hosts: readonly string[],
  language: Language,
  signal: AbortSignal,
  use: (source: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> => {
  const fetcher = createFetcher({ allowedHosts: hosts });
  try {
    const answer = await downloadCrl({ download: fetcher.download, url, signal });
    if (answer.kind !== 'crl') return unavailable(answer.kind === 'failed' ? answer.detail : 'http-status', language);
    return await use(answer.source, signal);
  } catch (error) {
    if (error instanceof FetchError || signal.aborted) return unavailable(error instanceof FetchError ? error.kind : 'aborted', language);
    throw error;
  } finally {
    await fetcher.destroy();
  }
};
