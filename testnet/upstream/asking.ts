// What a request asks for: read from its path, its credential and its body, or what keeps it from being read.
import type { IncomingHttpHeaders } from "node:http";
import type { Account } from "./account.js";
import type { Dialect, Shape, Trouble } from "./dialect.js";
import type { Wish } from "./exchange.js";
import type { Entry } from "./journal.js";
import { type Json, objectOf } from "./json.js";
import { tokensIn } from "./passage.js";

export type Asked =
  | { readonly kind: "trouble"; readonly trouble: Trouble }
  /** answered without the model, and free */
  | { readonly kind: "told"; readonly told: Json }
  | AskedToWrite;

export interface AskedToWrite {
  readonly kind: "write";
  readonly account: Account;
  readonly shape: Shape;
  readonly wish: Wish;
  /** of the prompt */
  readonly tokens: number;
}

export interface Known {
  readonly dialect: Dialect;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly models: readonly string[];
}

/**
 * Notes key and model in the entry.
 * @param body null: it was too large
 */
export function understand(
  { dialect, accounts, models }: Known,
  headers: IncomingHttpHeaders,
  body: Buffer | null,
  entry: Entry,
): Asked {
  const url = new URL(entry.target, "http://upstream");
  entry.key = dialect.keyIn(headers, url);
  const operation = dialect.find(entry.method, url);
  if (operation === null) return trouble({ kind: "path" });
  const account = accounts.get(entry.key ?? "");
  if (account === undefined) return trouble({ kind: "key" });
  if (operation.kind === "models") return { kind: "told", told: dialect.models(models) };
  if (body === null) return trouble({ kind: "size" });
  const object = objectOf(body);
  if (object === null) return trouble({ kind: "body", why: "the body is not a JSON object" });
  const wish = operation.shape.read(object, url);
  if (typeof wish === "string") return trouble({ kind: "body", why: wish });
  entry.model = wish.model;
  const tokens = tokensIn(wish.prompt.text.length);
  if (operation.kind === "count") return { kind: "told", told: dialect.count(tokens) };
  return { kind: "write", account, shape: operation.shape, wish, tokens };
}

const trouble = (one: Trouble): Asked => ({ kind: "trouble", trouble: one });
