// Commands: what a person or program wishes, granted as an operation on its way or refused with a reason.
import {
  amount,
  type Bytes,
  compareBytes,
  fits,
  type Result,
  toHex,
  uint,
  unreachable,
} from "../base/index.js";
import { type AgentKey, reserveSaltOf } from "../crypto/index.js";
import type { AgentId } from "../ledger/index.js";
import {
  type AuctionTerms,
  auctionIdOf,
  hiddenReserveHash,
  highestLockup,
  laneOf,
  leastBondFor,
  type Operation,
  type OperationBody,
  operationBody,
  operationId,
  reserveBytes,
  tradeOf,
} from "../market/index.js";
import { viewAmnesia } from "../quorum/index.js";
import { judgeOperation } from "./admission.js";
import { busyIn } from "./busy.js";
import type { Effects } from "./effects.js";
import type { Command, CommandResult, Refusal } from "./event.js";
import { feeFor } from "./funds.js";
import { agreeTo, offerTo } from "./own/budgets.js";
import { followAuctions } from "./own/openings.js";
import { placeBid } from "./own/place-bid.js";
import { auctionNamedBy, nextAuthority, post, postSigned, tooManyWaiting, wouldRefuse } from "./posting.js";
import { raiseFee } from "./raise-fee.js";
import { hasStopped, type Peer } from "./state.js";

type CommandOf<K extends Command["kind"]> = Extract<Command, { readonly kind: K }>;

const refuse = (code: string, detail: Refusal["detail"] = {}): CommandResult => ({
  ok: false,
  refusal: { code, detail },
});

/**
 * Grants or refuses a wish at once. Granted means on its way: finality comes as notices. Refused means that nothing
 * has changed, whatever the wish: values that no operation can hold are refusals too (WISH_MALFORMED).
 */
export function obey(peer: Peer, command: Command, nowMs: number, effects: Effects): CommandResult {
  if (hasStopped(peer)) return refuse("PEER_STOPPED", { because: peer.halted });
  switch (command.kind) {
    case "submit":
      return submit(peer, command.bytes, nowMs, effects);
    case "submitAll": {
      const each = command.operations.map((bytes) => submit(peer, bytes, nowMs, effects));
      return { ok: true, operation: null, auction: null, each };
    }
    case "transfer": {
      const { kind, to, amount } = command;
      return wish(peer, command, { kind, to, amount }, nowMs, effects);
    }
    case "grant": {
      const { kind, to, free, stake } = command;
      return wish(peer, command, { kind, to, free, stake }, nowMs, effects);
    }
    case "bond":
    case "unbond": {
      const { kind, amount } = command;
      return wish(peer, command, { kind, amount }, nowMs, effects);
    }
    case "openBudget": {
      const { from, child, terms, sent } = command;
      const offered = offerTo(peer, from, child, terms, sent);
      if (!offered.ok) return { ok: false, refusal: offered.error };
      return wish(peer, command, { kind: "openBudget", ...offered.value }, nowMs, effects);
    }
    case "closeBudget":
      return wish(peer, command, { kind: "closeBudget", child: command.child }, nowMs, effects);
    case "agreeToBudget": {
      const agreed = agreeTo(peer, command.owner, command.child, command.terms);
      if (!agreed.ok) return { ok: false, refusal: agreed.error };
      return { ok: true, operation: null, auction: null, agreed: agreed.value };
    }
    case "deliver": {
      const { kind, trade, hash } = command;
      return wish(peer, command, { kind, trade, hash }, nowMs, effects);
    }
    case "accept":
    case "fail": {
      const { kind, trade } = command;
      return wish(peer, command, { kind, trade }, nowMs, effects);
    }
    case "dispute":
      return dispute(peer, command, nowMs, effects);
    case "verdict": {
      const { kind, trade, share } = command;
      return wish(peer, command, { kind, trade, share }, nowMs, effects);
    }
    case "hold": {
      const { kind, auction, owner, untilMs, deputies: named } = command;
      const deputies = named?.toSorted(compareBytes) ?? null;
      return wish(peer, command, { kind, auction, owner, untilMs, deputies }, nowMs, effects);
    }
    case "usage": {
      const { kind, auction, owner, used, lent } = command;
      return wish(peer, command, { kind, auction, owner, used, lent }, nowMs, effects);
    }
    case "cancelAuction":
      return wish(peer, command, { kind: "cancel", auction: command.auction }, nowMs, effects);
    case "createAuction":
      return createAuction(peer, command, nowMs, effects);
    case "overrideAmnesia":
      return mayOverrideAmnesia(peer, command.force);
    case "holdAgent":
      return holdAgent(peer, command.key, nowMs, effects);
    case "raiseFee":
      return raiseFee(peer, command, nowMs, effects);
    case "placeBid":
      return placeBid(peer, command, nowMs, effects);
    default:
      return unreachable(command);
  }
}

/**
 * Whether an operator's word may end amnesia (spec/persistence#A6): the voter hears of it once this has granted it. Where
 * the others have the power to tell what was signed, they are waited for, unless the operator knows that they never will.
 */
function mayOverrideAmnesia(peer: Peer, force: boolean): CommandResult {
  const amnesia = viewAmnesia(peer.voter);
  if (amnesia === null) return refuse("NOT_IN_AMNESIA", { standing: peer.voter.standing });
  const { needed, others, power } = amnesia;
  if (others >= needed && !force) return refuse("OTHERS_CAN_RELEASE", { needed, answered: power, others });
  return { ok: true, operation: null, auction: null };
}

/** Takes an agent into custody at run time, and up what an earlier run or the log has kept for it. */
function holdAgent(peer: Peer, key: AgentKey, nowMs: number, effects: Effects): CommandResult {
  peer.agents.set(toHex(key.publicKey), key);
  peer.custody.recoverLater(toHex(key.publicKey));
  followAuctions(peer, nowMs, effects);
  return { ok: true, operation: null, auction: null };
}

/** An operation that was signed elsewhere. */
function submit(peer: Peer, bytes: Bytes, nowMs: number, effects: Effects): CommandResult {
  const read = peer.judge.read(bytes);
  if (typeof read === "string") return refuse(read);
  const { authority, body } = read.operation;
  const busy = authority === null ? null : busyIn(peer, laneOf(body.kind), nowMs);
  if (busy !== null) return { ok: false, refusal: busy };
  const verdict = judgeOperation(peer, read.operation, nowMs, peer.judgeEvidence);
  if (verdict.kind !== "accept") return { ok: false, refusal: verdict.rejection };
  const refusal = post(peer, read.operation, nowMs, effects);
  if (refusal !== null) return { ok: false, refusal };
  return granted(peer, { ok: true, value: read.operation });
}

/** Who wishes, and for what fee. */
type Wisher = { readonly from: AgentId; readonly fee?: bigint | null | undefined };

/** Signs and posts what `check` would let through now, and what the funds that nothing waiting takes will cover. */
function wish(
  peer: Peer,
  { from, fee: wished = null }: Wisher,
  body: OperationBody,
  nowMs: number,
  effects: Effects,
): CommandResult {
  const key = peer.agents.get(toHex(from));
  if (key === undefined) return refuse("KEY_NOT_HELD", { agent: toHex(from) });
  if (!fits(operationBody, body) || (wished !== null && !fits(amount, wished))) {
    return refuse("WISH_MALFORMED", { operation: body.kind });
  }
  const fee = feeFor(peer, from, body, wished);
  const refusal = busyIn(peer, laneOf(body.kind), nowMs) ?? wouldRefuse(peer, key, body, fee, nowMs);
  if (refusal !== null) return { ok: false, refusal };
  return granted(peer, postSigned(peer, key, body, fee, nowMs, effects));
}

function dispute(peer: Peer, command: CommandOf<"dispute">, nowMs: number, effects: Effects): CommandResult {
  const { kind, trade: id, evidence, bond } = command;
  const trade = tradeOf(peer.ledger, id);
  if (trade === null) return refuse("TRADE_UNKNOWN");
  const least = leastBondFor(trade.price, peer.ledger.params);
  return wish(peer, command, { kind, trade: id, evidence, bond: bond ?? least }, nowMs, effects);
}

function createAuction(
  peer: Peer,
  command: CommandOf<"createAuction">,
  nowMs: number,
  effects: Effects,
): CommandResult {
  const {
    from,
    format,
    direction,
    lot,
    reserve,
    lockups,
    commitMs,
    revealMs,
    bond,
    hiddenReserve,
    standingWeight,
    startInMs,
    deliverMs,
    settleMs,
    value,
  } = command;
  const key = peer.agents.get(toHex(from));
  if (key === undefined) return refuse("KEY_NOT_HELD", { agent: toHex(from) });
  if (!fits(uint(), startInMs) || (hiddenReserve !== null && !fits(amount, hiddenReserve))) {
    return refuse("WISH_MALFORMED", { operation: "createAuction" });
  }
  if (direction === "buy" && hiddenReserve !== null) return refuse("NO_HIDDEN_CEILING");
  const unopenable = hiddenReserve === null ? null : hiddenReserveFault(hiddenReserve, command);
  if (unopenable !== null) return { ok: false, refusal: unopenable };
  const authority = nextAuthority(peer, from, "createAuction", 0n, nowMs);
  if (authority === null) return { ok: false, refusal: tooManyWaiting() };
  const auction = auctionIdOf(peer.ledger.network, from, authority.nonce);
  const salt = hiddenReserve === null ? null : reserveSaltOf(key, auction, reserveBytes(hiddenReserve));
  const terms: AuctionTerms = {
    format,
    direction,
    lot,
    reserve,
    lockups,
    openMs: nowMs + startInMs,
    commitMs,
    revealMs,
    bond,
    reserveHash: salt === null ? null : hiddenReserveHash(peer.ledger.network, auction, hiddenReserve!, salt),
    standingWeight,
    deliverMs,
    settleMs,
    value,
  };
  const result = wish(peer, command, { kind: "createAuction", ...terms }, nowMs, effects);
  if (result.ok && salt !== null) {
    peer.custody.keepReserve({ auction, reserve: hiddenReserve!, salt }, effects);
  }
  return result;
}

/** A hidden reserve that could not be opened would cost its seller the bond: it is refused before it is hidden. */
function hiddenReserveFault(
  hidden: bigint,
  { reserve, lockups }: Pick<AuctionTerms, "reserve" | "lockups">,
): Refusal | null {
  const highest = highestLockup({ lockups });
  if (hidden < reserve) {
    return {
      code: "RESERVE_BELOW_PUBLIC",
      detail: { reserve: reserve.toString(), hidden: hidden.toString() },
    };
  }
  return hidden <= highest
    ? null
    : { code: "RESERVE_ABOVE_LOCKUP", detail: { highest: highest.toString(), hidden: hidden.toString() } };
}

function granted(peer: Peer, posted: Result<Operation, Refusal>): CommandResult {
  if (!posted.ok) return { ok: false, refusal: posted.error };
  const operation = posted.value;
  const auction = auctionNamedBy(peer, operation);
  const done = { ok: true, operation: operationId(operation), auction } as const;
  return operation.authority === null ? done : { ...done, fee: operation.authority.fee };
}
