// Slashing: what a proven fault of a seat costs (spec/evidence#convictions).
import {
  amount,
  fixed,
  type Hash,
  type Hex,
  invariant,
  oneOf,
  struct,
  type TypeOf,
  toHex,
  uint,
  utf8,
} from "../../base/index.js";
import { taggedHash } from "../../crypto/index.js";
import {
  ACCOUNTS,
  type Account,
  agentId,
  DECIMAL_PART,
  Groups,
  ID_PART,
  type Index,
  keyText,
  type Ledger,
  type Moment,
  periodOf,
  type RowKey,
  table,
} from "../../ledger/index.js";
import { isRecent } from "../standing/deeds.js";
import { FAULT_CLASS, type ProvenFault } from "./fault.js";
import { type Quote, quotePenalty } from "./penalties.js";
import { type Taking, takenBy, takePenalty } from "./take.js";

/** A conviction and what it cost. */
export const slashRow = struct({
  type: [0, oneOf(["E1", "E2", "E3", "E4", "E5", "E6"])],
  agent: [1, agentId],
  key: [2, fixed(32)],
  epoch: [3, uint()],
  term: [4, uint()],
  /** height and ledger time of the entry that convicted */
  height: [5, uint()],
  timeMs: [6, uint()],
  /** what the table of penalties asks for */
  due: [7, amount],
  /** what could be taken: half burned, half to the insurance pool */
  taken: [8, amount],
});
export type Slash = TypeOf<typeof slashRow>;

/** Seats convicted of class A, by epoch. A conviction stays: there is no row that goes or changes its class. */
class Seats implements Index<Slash> {
  private readonly byEpoch = new Map<number, Set<Hex>>();

  /** How many in an epoch. */
  countIn(epoch: number): number {
    return this.byEpoch.get(epoch)?.size ?? 0;
  }

  set(_: string, { epoch, type, key }: Slash): void {
    if (FAULT_CLASS[type] !== "A") return;
    const seats = this.byEpoch.get(epoch) ?? new Set();
    this.byEpoch.set(epoch, seats.add(toHex(key)));
  }

  delete(): void {
    invariant(false, "a conviction is never taken back");
  }
}

/** Under (seat key, epoch, term, class): each fault is punished once (spec/evidence#G2). */
export const SLASHES = table({
  name: "slash",
  parts: [ID_PART, DECIMAL_PART, DECIMAL_PART, "[AB]"],
  codec: slashRow,
  stored: (one: Slash) => one,
  row: (one: Slash) => one,
  indices: () => ({
    byAgent: new Groups<Slash>(({ agent }) => toHex(agent)),
    /** of class A, by epoch and seat */
    bySeat: new Seats(),
  }),
});

/** 1 for each of the agent's recent convictions of the same class that took something. */
function slashesBefore(ledger: Ledger, { agent, type }: ProvenFault, timeMs: number): number {
  const period = periodOf(ledger, timeMs);
  const slashes = ledger.table(SLASHES);
  let before = 0;
  for (const path of slashes.index.byAgent.of(toHex(agent))) {
    const one = slashes.get(path)!;
    if (FAULT_CLASS[one.type] !== FAULT_CLASS[type] || one.taken === 0n) continue;
    if (isRecent(periodOf(ledger, one.timeMs), period)) before++;
  }
  return before;
}

/**
 * What a conviction asks for, the base being what is left of the seat's bond. Genesis sees to it that this is an amount
 * (`BOND_TOO_LARGE`); a seat that comes by later is held to the same by saturation.
 */
function slashQuote(ledger: Ledger, conviction: ProvenFault, timeMs: number): Quote {
  const bond = ledger.accountOf(conviction.agent)?.liens.get(toHex(conviction.key))?.amount ?? 0n;
  const history = { violations: 0, slashes: slashesBefore(ledger, conviction, timeMs) };
  return quotePenalty(FAULT_CLASS[conviction.type], bond, history);
}

/** @returns micro-credits, as `slashQuote` reckons them */
export const slashDue = (ledger: Ledger, conviction: ProvenFault, timeMs: number): bigint =>
  slashQuote(ledger, conviction, timeMs).due;

/** A conviction, what its cost was computed from, and where that was taken from. */
export interface ChargedConviction extends Pick<Quote, "base" | "penaltyBp" | "severity" | "repeat"> {
  readonly slash: Slash;
  readonly taking: Taking;
}

/** Takes what is due, from the seat's lien first. Class A jails. */
export function applySlash(
  ledger: Ledger,
  account: Account,
  conviction: ProvenFault,
  at: Pick<Moment, "height" | "timeMs">,
): ChargedConviction {
  const { base, penaltyBp, severity, repeat, due } = slashQuote(ledger, conviction, at.timeMs);
  const taking = takePenalty(ledger, account, due, { id: toHex(conviction.key), most: base });
  if (FAULT_CLASS[conviction.type] === "A") {
    ledger.change(ACCOUNTS, account.id, (one) => {
      one.jailedUntilMs = Math.max(one.jailedUntilMs, at.timeMs + ledger.params.jailMs);
    });
  }
  const { height, timeMs } = at;
  const slash = { ...conviction, height, timeMs, due, taken: takenBy(taking) };
  ledger.put(SLASHES, slashPath(conviction), slash);
  return { slash, base, penaltyBp, severity, repeat, taking };
}

/** What the same fault is punished under once (spec/evidence#G8). */
export const slashPath = ({ key, epoch, term, type }: Omit<ProvenFault, "agent">) =>
  [key, epoch, term, FAULT_CLASS[type]] as const;
export const slashKey = (fault: Omit<ProvenFault, "agent">): RowKey => keyText(SLASHES, slashPath(fault));

/** Whether a conviction would change nothing: no bond is left to take from, and class B does not jail, or jail is on. */
export function changesNothing(ledger: Ledger, conviction: ProvenFault, timeMs: number): boolean {
  const account = ledger.accountOf(conviction.agent);
  if (account === null || slashDue(ledger, conviction, timeMs) > 0n) return false;
  return FAULT_CLASS[conviction.type] === "B" || account.jailedUntilMs > timeMs;
}

/** The id of a slash: the hash of what it is punished under once, so that it is the same at every peer. */
export const slashIdOf = (one: Slash): Hash => taggedHash("evidence", utf8(slashKey(one)));

/** Slashes in the order of their keys. */
export const slashesOf = (ledger: Ledger): readonly Slash[] => ledger.table(SLASHES).sorted();

/** Seats convicted of class A in an epoch: F+1 of them are a fault of the class of a fork (spec/evidence#G8). */
export const convictedSeats = (ledger: Ledger, epoch: number): number =>
  ledger.table(SLASHES).index.bySeat.countIn(epoch);
