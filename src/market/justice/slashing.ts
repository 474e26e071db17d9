// Slashing: what a proven fault of a seat costs, and where it is taken from (spec/evidence#convictions).
import {
  amount,
  fixed,
  type Hash,
  type Hex,
  invariant,
  MAX_AMOUNT,
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
  BASIS_POINTS,
  DECIMAL_PART,
  type Draft,
  freeStake,
  Groups,
  ID_PART,
  type Index,
  keyText,
  type Ledger,
  MAX_REPEAT,
  MAX_SEVERITY,
  type Moment,
  type RowKey,
  shareSlashed,
  table,
} from "../../ledger/index.js";
import { type EvidenceType, FAULT_CLASS, type ProvenFault } from "./fault.js";

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
  /** what the table asks for: base × percentage × severity × repeat */
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

interface Penalty {
  /** of the seat's bond lien */
  readonly penaltyBp: number;
  readonly severity: number;
}

const BYZANTINE: Penalty = { penaltyBp: 10_000, severity: MAX_SEVERITY };

/** Class A: a signer contradicted itself within one term. Class B: it led with what is invalid on its face. No grace. */
const PENALTIES: Readonly<Record<EvidenceType, Penalty>> = {
  E1: BYZANTINE,
  E2: BYZANTINE,
  E3: BYZANTINE,
  E4: BYZANTINE,
  E5: BYZANTINE,
  E6: { penaltyBp: 2_500, severity: 1 },
};

const REPEAT_EPOCHS = 30;

/** 1 + the agent's upheld slashes for the same condition, which its class is, within 30 epochs, at most 5. */
function repeatOf(ledger: Ledger, conviction: ProvenFault): number {
  const agent = toHex(conviction.agent);
  const faultClass = FAULT_CLASS[conviction.type];
  let upheld = 0;
  const slashes = ledger.table(SLASHES);
  for (const path of slashes.index.byAgent.of(agent)) {
    const one = slashes.get(path)!;
    const recent = one.epoch + REPEAT_EPOCHS >= conviction.epoch;
    if (FAULT_CLASS[one.type] === faultClass && recent && one.taken > 0n) upheld++;
  }
  return Math.min(1 + upheld, MAX_REPEAT);
}

/**
 * ⌊base × percentage⌋ × severity × repeat, the base being what is left of the seat's bond. Genesis sees to it that this
 * is an amount (`BOND_TOO_LARGE`); a seat that comes by later is held to the same by saturation.
 */
export function slashDue(ledger: Ledger, conviction: ProvenFault): bigint {
  const { penaltyBp, severity } = PENALTIES[conviction.type];
  const base = ledger.accountOf(conviction.agent)?.liens.get(toHex(conviction.key))?.amount ?? 0n;
  const share = (base * BigInt(penaltyBp)) / BigInt(BASIS_POINTS);
  return least(share * BigInt(severity) * BigInt(repeatOf(ledger, conviction)), MAX_AMOUNT);
}

/**
 * Takes what is due from the seat's lien, then free stake, then unbonding; the rest becomes slash debt, up to the
 * greatest amount. Liens of other obligations are never touched. Half of what was taken burns, half goes to the insurance pool. Class A jails.
 */
export function applySlash(
  ledger: Ledger,
  account: Account,
  conviction: ProvenFault,
  at: Pick<Moment, "height" | "timeMs">,
): void {
  const due = slashDue(ledger, conviction);
  let open = due;
  ledger.change(ACCOUNTS, account.id, (one) => {
    open -= takeFromLien(one, toHex(conviction.key), open);
    open -= takeFromFreeStake(one, open);
    open -= takeFromUnbonding(one, open);
    one.slashDebt = least(one.slashDebt + open, MAX_AMOUNT);
    if (FAULT_CLASS[conviction.type] === "A") {
      one.jailedUntilMs = Math.max(one.jailedUntilMs, at.timeMs + ledger.params.jailMs);
    }
  });
  shareSlashed(ledger, due - open);
  const slash = { ...conviction, height: at.height, timeMs: at.timeMs, due, taken: due - open };
  ledger.put(SLASHES, slashPath(conviction), slash);
}

/** What the same fault is punished under once (spec/evidence#G8). */
export const slashPath = ({ key, epoch, term, type }: Omit<ProvenFault, "agent">) =>
  [key, epoch, term, FAULT_CLASS[type]] as const;
export const slashKey = (fault: Omit<ProvenFault, "agent">): RowKey => keyText(SLASHES, slashPath(fault));

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

function takeFromLien(account: Draft<Account>, id: string, wanted: bigint): bigint {
  const lien = account.liens.get(id);
  if (lien === undefined) return 0n;
  const taken = least(lien.amount, wanted);
  account.stake -= taken;
  if (taken === lien.amount) account.liens.delete(id);
  else account.liens.set(id, { ...lien, amount: lien.amount - taken });
  return taken;
}

function takeFromFreeStake(account: Draft<Account>, wanted: bigint): bigint {
  const taken = least(freeStake(account), wanted);
  account.stake -= taken;
  return taken;
}

/** The earliest released first: it is the next to escape. */
function takeFromUnbonding(account: Draft<Account>, wanted: bigint): bigint {
  let open = wanted;
  const left = account.unbonding.map((part) => {
    const taken = least(part.amount, open);
    open -= taken;
    return { ...part, amount: part.amount - taken };
  });
  account.unbonding = left.filter((part) => part.amount > 0n);
  return wanted - open;
}

/** Whether a conviction would change nothing: no bond is left to take from, and class B does not jail, or jail is on. */
export function changesNothing(ledger: Ledger, conviction: ProvenFault, timeMs: number): boolean {
  const account = ledger.accountOf(conviction.agent);
  if (account === null || slashDue(ledger, conviction) > 0n) return false;
  return FAULT_CLASS[conviction.type] === "B" || account.jailedUntilMs > timeMs;
}

/** The id of a slash: the hash of what it is punished under once, so that it is the same at every peer. */
export const slashIdOf = (one: Slash): Hash => taggedHash("evidence", utf8(slashKey(one)));

/** Slashes in the order of their keys. */
export const slashesOf = (ledger: Ledger): readonly Slash[] => ledger.table(SLASHES).sorted();

/** Seats convicted of class A in an epoch: F+1 of them are a fault of the class of a fork (spec/evidence#G8). */
export const convictedSeats = (ledger: Ledger, epoch: number): number =>
  ledger.table(SLASHES).index.bySeat.countIn(epoch);
