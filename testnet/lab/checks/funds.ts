// funds: every agent ends with what it began with, whichever part of it is free, locked or staked, moved by what the log says it paid, earned, lost and was given.
import { type Hex, toHex } from "../../../src/base/index.js";
import type { AccountBook } from "./books.js";
import type { DepositRates } from "./deposit.js";
import type { History } from "./history.js";
import { reckon } from "./outcome.js";

export type Funds = Pick<AccountBook, "agent" | "free" | "locked" | "stake" | "unbonding">;

const holdingOf = ({ free, locked, stake, unbonding }: Funds): bigint =>
  unbonding.reduce((sum, { amount }) => sum + amount, free + locked + stake);

/** Compares all money together: where an auction still runs, its locks are its bidders' own, and stake is its staker's. */
export function fundsWrongs(
  expected: ReadonlyMap<Hex, bigint>,
  accounts: readonly Funds[],
): readonly string[] {
  const held = new Map(accounts.map((one) => [one.agent, holdingOf(one)]));
  return [...new Set([...expected.keys(), ...held.keys()])].flatMap((agent) => {
    const has = held.get(agent) ?? 0n;
    const owed = expected.get(agent) ?? 0n;
    return has === owed ? [] : [`${agent.slice(0, 8)} has ${has}, and the log leaves it ${owed}`];
  });
}

/** By agent; of a log in which nobody is slashed. */
export function expectedFunds(
  history: History,
  deposits: DepositRates,
  opening: readonly Funds[],
): ReadonlyMap<Hex, bigint> {
  const funds = new Map(opening.map((one) => [one.agent, holdingOf(one)]));
  const credit = (agent: Hex, amount: bigint): void => {
    if (amount !== 0n) funds.set(agent, (funds.get(agent) ?? 0n) + amount);
  };
  for (const { operation, isRefused, isPassedOver } of history.operations()) {
    const { authority, body } = operation;
    if (authority === null || isPassedOver) continue;
    const from = toHex(authority.from);
    credit(from, -authority.fee);
    if (isRefused) continue;
    if (body.kind === "transfer") credit(from, -body.amount);
    if (body.kind === "transfer") credit(toHex(body.to), body.amount);
    if (body.kind === "grant") credit(toHex(body.to), body.free + body.stake);
  }
  for (const record of history.auctions().values()) {
    const { ended } = record.course;
    const reckoning = ended === undefined ? null : reckon(history, deposits, record, ended);
    if (reckoning === null) continue;
    const creator = toHex(record.creator);
    for (const { bidder, pays, receives } of reckoning.awards) {
      credit(bidder, receives - pays);
      credit(creator, pays - receives);
    }
    for (const [bidder, lockup] of reckoning.forfeits) credit(bidder, -lockup);
    credit(creator, -reckoning.creatorForfeit);
  }
  return funds;
}
