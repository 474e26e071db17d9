// Wallets, slashes and entries of the log, as the API shows them.
import { equalBytes, fromHex, type Hash, sortedEntries, toHex } from "../../../src/base/index.js";
import {
  type Account,
  behind,
  freeStake,
  type Ledger,
  type Lock,
  levelsOf,
  lockedAmount,
} from "../../../src/ledger/index.js";
import { convictedSeats, hasEnded, lockableOf, SLASHES, tradesOf } from "../../../src/market/index.js";
import type { Peer } from "../../../src/peer/index.js";
import { entryIdOf, type LogEntry, type Voter, viewAmnesia } from "../../../src/quorum/index.js";
import {
  type HaltView,
  type LogEntryView,
  type MemberView,
  type QuorumView,
  timeOf,
  type WalletView,
} from "../../contract/index.js";
import { budgetView } from "./budget.js";
import type { Role } from "./trade.js";

export function walletView(peer: Peer, account: Account): WalletView {
  const locks = sortedEntries(account.locks).map(([, lock]) => lock);
  const locked = locks.reduce((sum, lock) => sum + lockedAmount(lock), 0n);
  return {
    agent: toHex(account.id),
    held: peer.agents.has(toHex(account.id)),
    free: account.free.toString(),
    lockable: lockableOf(peer.ledger, account.id, peer.tip.timeMs).toString(),
    locked: locked.toString(),
    deposits: account.deposits.toString(),
    stake: account.stake.toString(),
    freeStake: freeStake(account).toString(),
    liens: sortedEntries(account.liens).map(([id, { amount, kind }]) => ({
      id,
      amount: amount.toString(),
      kind,
      trades: kind === "trade" ? openTrades(peer.ledger, fromHex(id)!, "performer", account) : [],
    })),
    unbonding: account.unbonding.map(({ amount, releaseMs }) => ({
      amount: amount.toString(),
      freeAt: timeOf(releaseMs),
    })),
    slashDebt: account.slashDebt.toString(),
    locks: locks.map((lock) => ({
      id: toHex(lock.id),
      amount: lockedAmount(lock).toString(),
      reason: lock.reason,
      trades: holdsPrices(lock) ? openTrades(peer.ledger, lock.id, "buyer", account) : [],
      payer: lenderOf(peer.ledger, lock, account),
    })),
    budget: budgetOf(peer, account),
    nonces: { ...account.nonces },
    height: peer.tip.height,
  };
}

/** Whose money a lock holds; null: its account's. */
function lenderOf(ledger: Ledger, { id }: Lock, account: Account): string | null {
  const payer = behind(ledger, id, account.id);
  return equalBytes(payer, account.id) ? null : toHex(payer);
}

/** The budget by which an agent spends; null: it has none. */
function budgetOf(peer: Peer, { id }: Account): WalletView["budget"] {
  const [level] = levelsOf(peer.ledger, id);
  if (level === undefined) return null;
  const { owner, payer, standing } = budgetView(peer, level);
  return { owner, payer, standing };
}

/** Which locks become the prices of trades at an auction's outcome. */
const holdsPrices = ({ reason }: Pick<Lock, "reason">): boolean => reason === "bid" || reason === "ceiling";

/** The trades of an auction that run, of which an account is this party. */
const openTrades = (ledger: Ledger, auction: Hash, role: Role, { id }: Account): string[] =>
  tradesOf(ledger, auction)
    .filter((trade) => !hasEnded(trade) && equalBytes(trade[role], id))
    .map((trade) => toHex(trade.id));

export function quorumView(peer: Peer): QuorumView {
  const { electorate, voter, tip, halted } = peer;
  return {
    epoch: electorate.set.epoch,
    setHash: toHex(electorate.setHash),
    members: electorate.size,
    quorum: electorate.quorum,
    byzantineTolerance: electorate.tolerance,
    term: voter.term,
    leader: electorate.leaderOf(voter.term),
    seat: voter.seat,
    height: tip.height,
    finalId: toHex(tip.id),
    stateRoot: toHex(tip.root),
    ledgerTime: timeOf(tip.timeMs),
    halted,
    amnesia: amnesiaView(voter),
    halt: haltView(peer),
  };
}

function amnesiaView(voter: Voter): QuorumView["amnesia"] {
  const amnesia = viewAmnesia(voter);
  if (amnesia === null) return null;
  const { sinceMs, answered, power, others, needed } = amnesia;
  const since = sinceMs === null ? null : timeOf(sinceMs);
  return { since, answered: [...answered], power, others, needed };
}

function haltView({ halted, voter, ledger, electorate }: Peer): HaltView | null {
  const { halt } = voter;
  if (halt?.kind === "corrupt") {
    const { height, own, finalised } = halt;
    return { kind: "corrupt", height, own: toHex(own), finalised: toHex(finalised) };
  }
  if (halt?.kind === "fork") {
    const certificates = halt.certs.map(({ type, term, entryId }) => ({ type, term, entry: toHex(entryId) }));
    return { kind: "fork", certificates };
  }
  if (halted !== "fork") return null;
  const seats = convictedSeats(ledger, electorate.set.epoch);
  return { kind: "convictions", seats, tolerated: electorate.tolerance };
}

export function memberViews({ electorate, voter, ledger }: Peer): readonly MemberView[] {
  const slashed = slashedKeys(ledger);
  return electorate.set.members.map(({ key, agent, power }, seat) => ({
    seat,
    key: toHex(key),
    agent: toHex(agent),
    power,
    leads: electorate.leaderOf(voter.term) === seat,
    self: voter.seat === seat,
    slashed: slashed.has(toHex(key)),
  }));
}

const slashedKeys = (ledger: Ledger): ReadonlySet<string> =>
  new Set([...ledger.table(SLASHES).values()].map((slash) => toHex(slash.key)));

export function logEntryView({ header, ops, cert }: LogEntry): LogEntryView {
  return {
    height: header.height,
    id: toHex(entryIdOf(header)),
    parent: toHex(header.parent),
    term: header.term,
    leader: header.leader,
    time: timeOf(header.timeMs),
    operations: ops.length,
    bytes: header.opsBytes,
    execHeight: header.execHeight,
    execRoot: toHex(header.execRoot),
    signers: cert === null ? null : [...cert.signers],
  };
}
