/** The page: choose card or smartphone, open the Myna app or show the QR code, wait, come back. */
import { defineJpkiIdentify, JpkiIdentifyElement } from './element/identify.ts';
import { hasPendingIdentification, startIdentification } from './element/start.ts';

export type { PublicOutcome } from '@jpki-rp/node-sdk/wire';
export type { InAppBrowser } from './device/in-app-browsers.ts';
export type { StateDetail } from './element/identify.ts';
export type { IdentificationOptions } from './element/start.ts';
export type { Phase } from './flow/machine.ts';
export type { Choice } from './flow/transaction.ts';
export type { LabelName } from './i18n/labels.ts';
export type { LabelOverrides } from './i18n/texts.ts';
export { defineJpkiIdentify, hasPendingIdentification, JpkiIdentifyElement, startIdentification };

defineJpkiIdentify();
