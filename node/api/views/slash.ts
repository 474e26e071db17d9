// Slashes as the API shows them: what was taken from whom, and all that it was computed from.
import { type Hex, toHex } from "../../../src/base/index.js";
import { BASIS_POINTS, slashedParts } from "../../../src/ledger/index.js";
import {
  FAULT_CLASS,
  operationId,
  type Slash,
  slashesOf,
  slashIdOf,
  type Taking,
  TRADES,
  tradeOf,
} from "../../../src/market/index.js";
import type { KeptSlash } from "../../../src/peer/history/slash.js";
import { type Peer, placeOf } from "../../../src/peer/index.js";
import { entryIdOf, type LogEntry } from "../../../src/quorum/index.js";
import { creditsOf, type SlashDetail, type SlashView, timeOf } from "../../contract/index.js";
import type { KeptRow } from "../../kept-history.js";
import { convictingOperation, evidenceView } from "./evidence.js";
import { type ChargedNumbers, reckoningView, resultOf, saysOfPenalty } from "./penalty.js";

type Kept<K extends KeptSlash["kind"]> = Extract<KeptSlash, { readonly kind: K }>;
type SeatNumbers = Pick<Kept<"seat">, "base" | "penaltyBp" | "severity" | "repeat">;

/**
 * A penalty as history has it, or as the ledger alone does: that does not say where it was taken from, nor of a seat what it
 * was computed from.
 */
export type ShownSlash =
  | {
      readonly kind: "seat";
      readonly slash: Slash;
      readonly numbers: SeatNumbers | null;
      readonly taking: Taking | null;
    }
  | (Omit<Kept<"trade">, "taking"> & { readonly taking: Taking | null });

export const keptHere = (one: KeptSlash): ShownSlash =>
  one.kind === "seat" ? { kind: "seat", slash: one.slash, numbers: one, taking: one.taking } : one;

const ofLedger = (slash: Slash): ShownSlash => ({ kind: "seat", slash, numbers: null, taking: null });

/**
 * Convictions that the ledger has of entries below a height, newest first, each with a place: of one entry in the order of
 * their keys.
 */
export function slashesBelow({ ledger }: Peer, height: number): readonly KeptRow<ShownSlash>[] {
  const places = new Map<number, number>();
  return slashesOf(ledger)
    .filter((one) => one.height < height)
    .map((slash) => {
      const nth = places.get(slash.height) ?? 0;
      places.set(slash.height, nth + 1);
      return { place: placeOf(slash.height, nth), row: ofLedger(slash) };
    })
    .sort((a, b) => (a.place < b.place ? 1 : -1));
}

/** Ids of the penalties that the ledger has: of convictions, and of ended trades that it has not forgotten. */
export function* slashIdsIn({ ledger }: Peer): Iterable<Hex> {
  for (const one of slashesOf(ledger)) yield toHex(slashIdOf(one));
  for (const { id, state } of ledger.table(TRADES).values())
    if (state.kind === "ended" && state.penalty !== null) yield toHex(id);
}

/** The penalty that the ledger has under an id; null: it has none. */
export function slashWithId({ ledger }: Peer, id: Hex): ShownSlash | null {
  const slash = slashesOf(ledger).find((one) => toHex(slashIdOf(one)) === id);
  if (slash !== undefined) return ofLedger(slash);
  const trade = tradeOf(ledger, id);
  if (trade?.state.kind !== "ended" || trade.state.penalty === null) return null;
  const { auction, performer: agent, state } = trade;
  const { endedAt: height, endedMs: timeMs, penalty } = state;
  return { kind: "trade", trade: trade.id, auction, agent, height, timeMs, penalty: penalty!, taking: null };
}

/** The height of the entry that charged it. */
export const heightOfSlash = (one: ShownSlash): number =>
  one.kind === "seat" ? one.slash.height : one.height;

export const agentOfSlash = (one: ShownSlash): Hex =>
  toHex(one.kind === "seat" ? one.slash.agent : one.agent);

export function slashView(peer: Peer, one: ShownSlash): SlashView {
  const { due, taken } = one.kind === "seat" ? one.slash : one.penalty;
  return {
    ...aboutOf(peer, one),
    result: one.kind === "trade" ? resultOf(one.penalty) : resultOf({ isWarning: "no", taken }),
    due: due.toString(),
    amount: taken.toString(),
    says: saysOf(one),
  };
}

/** Who, when and for what. */
function aboutOf({ electorate }: Peer, one: ShownSlash) {
  if (one.kind === "seat") {
    const { slash } = one;
    const { epoch, term, key, type } = slash;
    return {
      id: toHex(slashIdOf(slash)),
      height: slash.height,
      time: timeOf(slash.timeMs),
      agent: toHex(slash.agent),
      offence: type,
      conviction: { epoch, term, key: toHex(key), seat: electorate.seatOf(key), class: FAULT_CLASS[type] },
      trade: null,
    };
  }
  return {
    id: toHex(one.trade),
    height: one.height,
    time: timeOf(one.timeMs),
    agent: toHex(one.agent),
    offence: one.penalty.condition,
    conviction: null,
    trade: { id: toHex(one.trade), auction: toHex(one.auction) },
  };
}

/** All that a penalty was computed from; null: of a seat, and from before history began here. */
function numbersOf(one: ShownSlash): ChargedNumbers | null {
  if (one.kind === "trade") return one.penalty;
  const { numbers, slash } = one;
  const { due, taken } = slash;
  if (numbers === null) return null;
  return { ...numbers, grace: 0, violations: 0, shareBp: BASIS_POINTS, isWarning: "no", due, taken };
}

function saysOf(one: ShownSlash): string {
  const numbers = numbersOf(one);
  if (numbers !== null) return saysOfPenalty(numbers);
  const { due, taken } = (one as Extract<ShownSlash, { kind: "seat" }>).slash;
  return `${creditsOf(taken)} of ${creditsOf(due)} slashed`;
}

/** @param entry the entry of the slash's height; null: this peer does not hold it any more */
export function slashDetail(peer: Peer, one: ShownSlash, entry: LogEntry | null): SlashDetail {
  const { due, taken } = one.kind === "seat" ? one.slash : one.penalty;
  const proof = entry === null || one.kind !== "seat" ? null : convictingOperation(peer, one.slash, entry);
  const { insured, burned } = slashedParts(taken);
  const numbers = numbersOf(one);
  return {
    ...slashView(peer, one),
    reckoning: numbers === null ? null : reckoningView(numbers),
    from: one.taking === null ? null : takingView(one.taking),
    debt: (due - taken).toString(),
    burned: burned.toString(),
    insurance: insured.toString(),
    entry: entry === null ? null : toHex(entryIdOf(entry.header)),
    operation: proof === null ? null : toHex(operationId(proof.operation)),
    evidence: proof === null ? null : evidenceView(peer, proof.bytes, proof.evidence),
  };
}

const takingView = ({ lien, freeStake, unbonding }: Taking) => ({
  lien: lien.toString(),
  freeStake: freeStake.toString(),
  unbonding: unbonding.toString(),
});
