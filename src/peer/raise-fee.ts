// Raising a fee: an own operation that waits too long takes its place again, and pays more.
import { amount, err, fits, ok, type Result, toHex } from "../base/index.js";
import type { AgentKey } from "../crypto/index.js";
import {
  auctionOfOperation,
  leastRaise,
  type Operation,
  operationId,
  signedForm,
  signOperation,
  usefulRaise,
} from "../market/index.js";
import type { Effects } from "./effects.js";
import type { Command, CommandResult, Refusal } from "./event.js";
import { feeFor, promisedFunds } from "./funds.js";
import type { Waiting } from "./mempool.js";
import { auctionNamedBy, post, validUntil } from "./posting.js";
import type { Peer } from "./state.js";

type RaiseFee = Extract<Command, { readonly kind: "raiseFee" }>;

/** What an operation that waits should pay instead, in micro-credits: what is asked now, or the next class. */
export function suggestedFee(peer: Peer, { operation }: Pick<Waiting, "operation">): bigint {
  const asked = feeFor(peer, operation.authority!.from, operation.body, null);
  const next = usefulRaise(operation.authority!.fee, peer.ledger.params.minFee);
  return asked > next ? asked : next;
}

/** Signs a waiting operation of an own agent again, with the same nonce and a higher fee: one of the two is executed. */
export function raiseFee(peer: Peer, command: RaiseFee, nowMs: number, effects: Effects): CommandResult {
  const found = waitingOwn(peer, command);
  if (!found.ok) return { ok: false, refusal: found.error };
  const { one, key } = found.value;
  const { authority, body } = one.operation;
  const fee = command.fee ?? suggestedFee(peer, one);
  const auction = auctionOfOperation(peer.ledger.network, one.operation);
  const wish = { account: one.account!, fee, body, auction };
  const uncovered = promisedFunds(peer, wish, { waiting: one });
  if (uncovered !== null) return { ok: false, refusal: uncovered };
  const least = leastRaise(authority!.fee);
  if (fee < least) {
    return refuse("FEE_TOO_LOW_TO_REPLACE", { fee: fee.toString(), least: least.toString() });
  }
  const unpaid = signedForm(body)!.placeFault(peer.ledger, body, { from: key.publicKey, fee });
  if (unpaid !== null) return { ok: false, refusal: unpaid };
  const next = { nonce: authority!.nonce, fee, validUntilMs: validUntil(peer, nowMs) };
  const raised: Operation = signOperation(peer.ledger.network, next, body, key);
  const refusal = post(peer, raised, nowMs, effects);
  if (refusal !== null) return { ok: false, refusal };
  return {
    ok: true,
    operation: operationId(raised),
    auction: auctionNamedBy(peer, raised),
    fee,
  };
}

function waitingOwn(
  peer: Peer,
  { operation, fee }: RaiseFee,
): Result<{ readonly one: Waiting; readonly key: AgentKey }, Refusal> {
  const id = toHex(operation);
  if (fee !== undefined && !fits(amount, fee)) {
    return err({ code: "WISH_MALFORMED", detail: { operation: "raiseFee" } });
  }
  const one = peer.mempool.withId(id);
  if (one === undefined || one.account === null) {
    return err({ code: "OPERATION_NOT_WAITING", detail: { operation: id } });
  }
  const key = peer.agents.get(one.account);
  return key === undefined ? err({ code: "KEY_NOT_HELD", detail: { agent: one.account } }) : ok({ one, key });
}

const refuse = (code: string, detail: Refusal["detail"]): CommandResult => ({
  ok: false,
  refusal: { code, detail },
});
