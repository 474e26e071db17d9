// How clients show a credential, and which credentials are a person's subscription.
import type { Fields } from "./dialect.js";
import { fieldOf } from "./header-fields.js";

/** Fields in which any dialect's clients send a credential: none of a client's ever reaches an upstream (spec/gateway#G4). */
export const CREDENTIAL_FIELDS = [
  "authorization",
  "proxy-authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "cookie",
] as const;

/** The token of `Authorization: Bearer …`; null: there is none. */
export function bearerOf(fields: Fields): string | null {
  return /^Bearer +(\S+)$/i.exec(fieldOf(fields, "authorization") ?? "")?.[1] ?? null;
}

/** What any dialect's clients send as a credential, in fields of any dialect. */
export const credentialsIn = (fields: Fields): readonly string[] =>
  [bearerOf(fields), ...CREDENTIAL_FIELDS.map((name) => fieldOf(fields, name))].filter((one) => one !== null);

/** A token of a person's subscription, which its terms let nobody share (spec/gateway#G45). */
export const isSubscriptionCredential = (credential: string): boolean => /^sk-ant-oat/i.test(credential);
