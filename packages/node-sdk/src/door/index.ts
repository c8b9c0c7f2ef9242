export type { AppLinkDoorProfile, DoorProfile, EncodingStep, RequestValue } from './profile.types.ts';
export { parseDoorProfile } from './schema.ts';
