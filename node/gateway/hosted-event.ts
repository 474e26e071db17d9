// What happens in a gateway, as its daemon is told.
import type { GatewayEvent } from "./gateway.js";
import type { PastRequest } from "./recent-requests.js";
import type { SharedEvent } from "./shared/shared-key.js";

/** What becomes of a key that owners share, and of a request what is remembered of it. */
export type HostedEvent =
  | Exclude<GatewayEvent, { readonly kind: "passed" }>
  | { readonly kind: "passed"; readonly passed: PastRequest }
  | SharedEvent;
