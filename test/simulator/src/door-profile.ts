/** The virtual app's door: a made-up protocol on the app-link engine. Names and codes are invented; a production environment refuses it. */
import type { AppLinkDoorProfile } from '@jpki-rp/node-sdk/door';

export const RESULT = {
  ok: '0000',
  cancelled: 'C001',
  pinWrong: 'P010',
  pinLocked: 'P020',
  noCertificate: 'N001',
  appOutdated: 'V001',
  notAllowed: 'W001',
} as const;

export const HOLDER = { card: 'IC', smartphone: 'SP' } as const;

/** @param origin Where the virtual app is served, for example `http://127.0.0.1:4321`. */
export const virtualAppDoorProfile = (origin: string): AppLinkDoorProfile => ({
  v: 1,
  kind: 'app-link',
  id: 'virtual-app',
  revision: '1',
  visibility: 'public',
  synthetic: true,
  basis: { document: 'made up for the virtual app of the simulator', date: '2026-11-22', reviewer: 'none: not a real interface' },
  start: { appLink: `${origin}/app?r={requestUrl}&t={ticket}`, qr: `${origin}/app?r={requestUrl}&t={ticket}&via=qr` },
  request: {
    ver: { constant: 'virtual-1' },
    tx: { value: 'transactionId' },
    asker: { value: 'relyingPartyName' },
    askerOrigin: { value: 'relyingPartyOrigin' },
    why: { value: 'operationName' },
    whyEn: { value: 'operationNameEn' },
    kind: { value: 'purpose' },
    holders: { value: 'carriers' },
    hint: { value: 'carrierHint' },
    alg: { value: 'scheme' },
    msg: { value: 'message', encode: ['base64url'] },
    doc: { value: 'documentText' },
    answerTo: { value: 'callbackUrl' },
    backTo: { value: 'returnUrl' },
    number: { value: 'matchNumber' },
    until: { value: 'expiresAt' },
  },
  response: {
    transactionId: { path: '/tx' },
    result: { path: '/result' },
    certificate: { path: '/cert', encoding: 'base64' },
    signature: { path: '/sig', encoding: 'base64' },
    carrier: { path: '/holder', map: { [HOLDER.card]: 'card', [HOLDER.smartphone]: 'smartphone' } },
    remainingTries: { path: '/tries' },
  },
  results: {
    [RESULT.ok]: 'ok',
    [RESULT.cancelled]: 'cancelled',
    [RESULT.pinWrong]: 'pin-wrong',
    [RESULT.pinLocked]: 'pin-locked',
    [RESULT.noCertificate]: 'no-certificate',
    [RESULT.appOutdated]: 'app-outdated',
    [RESULT.notAllowed]: 'rp-not-allowed',
  },
  timing: { transactionSeconds: 600, qrSeconds: 120 },
});
