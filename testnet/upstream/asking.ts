// What a request asks for: read from its path, its credential and its body, or what keeps it from being read.
import type { IncomingHttpHeaders } from "node:http";
import type { Customer } from "./customer.js";
import type { Dialect, Shape, Trouble } from "./dialect.js";
import type { Wish } from "./exchange.js";
import type { Visit } from "./journal.js";
import { type Json, objectOf } from "./json.js";
import { tokensIn } from "./passage.js";

export type Asked =
  | { readonly kind: "trouble"; readonly trouble: Trouble }
  /** answered without the model, and free */
  | { readonly kind: "told"; readonly told: Json }
  | AskedToWrite;

export interface AskedToWrite {
  readonly kind: "write";
  readonly customer: Customer;
  readonly shape: Shape;
  readonly wish: Wish;
  /** of the prompt */
  readonly tokens: number;
}

export interface Known {
  readonly dialect: Dialect;
  readonly customers: ReadonlyMap<string, Customer>;
  readonly models: readonly string[];
}

/**
 * Notes key and model in the visit.
 * @param body null: it was too large
 */
export function understand(
  { dialect, customers, models }: Known,
  headers: IncomingHttpHeaders,
  body: Buffer | null,
  visit: Visit,
): Asked {
  if (!URL.canParse(visit.target, HOST)) return trouble({ kind: "path" });
  const url = new URL(visit.target, HOST);
  visit.key = dialect.keyIn(headers, url);
  const operation = dialect.find(visit.method, url);
  if (operation === null) return trouble({ kind: "path" });
  const customer = customers.get(visit.key ?? "");
  if (customer === undefined) return trouble({ kind: "key" });
  if (operation.kind === "models") return { kind: "told", told: dialect.models(models) };
  if (body === null) return trouble({ kind: "size" });
  const object = objectOf(body);
  if (object === null) return trouble({ kind: "body", why: "the body is not a JSON object" });
  const wish = operation.shape.read(object, url);
  if (typeof wish === "string") return trouble({ kind: "body", why: wish });
  visit.model = wish.model;
  const tokens = tokensIn(wish.prompt.text.length);
  if (operation.kind === "count") return { kind: "told", told: dialect.count(tokens) };
  return { kind: "write", customer, shape: operation.shape, wish, tokens };
}

/** Whatever the client calls this machine. */
const HOST = "http://upstream";

const trouble = (one: Trouble): Asked => ({ kind: "trouble", trouble: one });
