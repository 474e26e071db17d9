// One request's way through the gateway: recognised, read, and either forwarded or asked for a turn.
import type { IncomingMessage, ServerResponse } from "node:http";
import { NO_USE } from "../../src/quota/index.js";
import { Asking } from "./asking.js";
import { readBody } from "./body.js";
import { isFromHere, unclearIn } from "./doors.js";
import { Exchange } from "./exchange.js";
import {
  agentKeyUnknown,
  bodiesFull,
  bodyTooLarge,
  bodyTooSlow,
  bodyUnreadable,
  notFromHere,
  pathUnknown,
  requestUnclear,
  signatureInvalid,
  stopping,
} from "./faults.js";
import { forward } from "./forwarding.js";
import { fieldOf } from "./header-fields.js";
import { otherWish } from "./other-calls.js";
import type { Place } from "./place.js";
import { SIGNED_FIELD } from "./signed-agent.js";

/** Ends with an answer, or with a client that has gone. */
export async function pass(place: Place, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const exchange = new Exchange(request, response, place.clock.nowMs());
  const { dialect, endpoint } = exchange;
  const unclear = unclearIn(request);
  if (unclear !== null) return exchange.refuse(requestUnclear(unclear));
  if (!isFromHere(request)) return exchange.refuse(notFromHere());
  if (place.stopping.hasHappened) return exchange.refuse(stopping(exchange.id));
  if (!exchange.isSafe || (place.isStrict && !exchange.isKnown)) return exchange.refuse(pathUnknown());
  const key = exchange.agentKey;
  const agentByKey = key === null ? null : place.named.find(key);
  if (key !== null && agentByKey === null) return exchange.refuse(agentKeyUnknown());
  const field = fieldOf(exchange.fields, SIGNED_FIELD);
  const signer = field === null ? null : place.signed.agentIn(field, place.clock.wallMs());
  if (field !== null && signer === null) return exchange.refuse(signatureInvalid());
  // The ledger's agent of a named one is that one, whatever it proves it by.
  const byLedger = signer === null ? null : place.named.ofLedger(signer);
  const proven = { agentByKey: agentByKey ?? byLedger, agentBySignature: signer };
  const body = await readBody(request, place.clock, place.bodies);
  if (body === "too large") return exchange.refuse(bodyTooLarge());
  if (body === "too slow") return exchange.refuse(bodyTooSlow());
  if (body === "too many") return exchange.refuse(bodiesFull(exchange.id));
  exchange.gone.when(() => place.bodies.letGo(body.length));
  switch (endpoint.kind) {
    case "free":
      return forward(place, exchange, body);
    case "request":
      return new Asking(place, exchange, proven, otherWish(body), body, NO_USE).run();
    case "model": {
      const wish = dialect.wishOf(endpoint, body);
      if (typeof wish === "string") return exchange.refuse(bodyUnreadable(wish));
      return new Asking(place, exchange, proven, wish, body, null).run();
    }
  }
}
