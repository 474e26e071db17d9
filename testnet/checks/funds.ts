// funds: every agent ends with what it began with, moved by what the log says it paid, earned, lost and was given.
import { type Hex, toHex } from "../../src/base/index.js";
import { auctionRecords, loggedOperations, placeOf, refusals } from "./auction-record.js";
import { naiveOutcome } from "./naive-outcome.js";
import { type Check, type Testimony, verdict } from "./testimony.js";

/** Compares free and locked money together: where an auction still runs, its locks are its bidders' own. */
export function checkFunds(testimony: Testimony): Check {
  const expected = expectedFunds(testimony);
  const wrongs: string[] = [];
  for (const peer of testimony.peers) {
    const held = new Map(peer.accounts.map(({ agent, free, locked }) => [agent, free + locked]));
    for (const agent of new Set([...expected.keys(), ...held.keys()])) {
      const has = held.get(agent) ?? 0n;
      const owed = expected.get(agent) ?? 0n;
      if (has !== owed)
        wrongs.push(`at ${peer.name} ${agent.slice(0, 8)} has ${has}, and the log leaves it ${owed}`);
    }
  }
  return verdict("funds", wrongs, `${expected.size} accounts hold what the log leaves them, at every peer`);
}

function expectedFunds(testimony: Testimony): ReadonlyMap<Hex, bigint> {
  const funds = new Map(testimony.opening.map(({ agent, free, locked }) => [agent, free + locked]));
  const credit = (agent: Hex, amount: bigint): void => {
    if (amount !== 0n) funds.set(agent, (funds.get(agent) ?? 0n) + amount);
  };
  const fates = refusals(testimony.peers);
  for (const logged of loggedOperations(testimony.log)) {
    const { authority, body } = logged.operation;
    const fate = fates.get(placeOf(logged));
    if (authority === null || fate === "passed over") continue;
    const from = toHex(authority.from);
    credit(from, -authority.fee);
    if (fate === "refused") continue;
    if (body.kind === "transfer") credit(from, -body.amount);
    if (body.kind === "transfer" || body.kind === "grant") credit(toHex(body.to), body.amount);
  }
  for (const record of auctionRecords(testimony).values()) {
    const { revealHeight, settleHeight } = record;
    if (revealHeight === null || settleHeight === null) continue;
    const outcome = naiveOutcome(testimony, { ...record, revealHeight, settleHeight });
    if (outcome.winner !== null) {
      credit(outcome.winner, -outcome.price);
      credit(record.seller, outcome.price);
    }
    for (const [bidder, lockup] of outcome.forfeits) credit(bidder, -lockup);
    credit(record.seller, -outcome.sellerForfeit);
  }
  return funds;
}
