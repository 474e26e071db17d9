// What happens in a gateway, as its daemon is told.
import type { GatewayEvent } from "./gateway.js";
import type { PastRequest } from "./recent-requests.js";

/** Of a request what is remembered of it. */
export type HostedEvent =
  | Exclude<GatewayEvent, { readonly kind: "passed" }>
  | { readonly kind: "passed"; readonly passed: PastRequest };
