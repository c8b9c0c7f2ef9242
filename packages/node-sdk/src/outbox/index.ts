export { type DeliverOutboxOptions, type DeliveryEvent, type DeliveryFailure, type DeliveryReport, deliverOutbox } from './deliver.ts';
export {
  es256WebhookSigner,
  hmacWebhookSigner,
  type ReceivedWebhook,
  signedWebhookBytes,
  verifyWebhook,
  WEBHOOK_HEADERS,
  type WebhookAlgorithm,
  type WebhookKey,
  type WebhookSigner,
  type WebhookVerification,
} from './sign.ts';
export type { OutboxEntry, OutboxStore } from './store.ts';
