// slashing: no honest agent loses stake (spec/log#S4; spec/money#S2).
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Notice } from "../../../src/peer/ready.js";
import type { AccountBook } from "./books.js";

type Stake = Pick<AccountBook, "agent" | "stake">;

/** What is wrong with a slash that a peer tells of; null: nothing. */
export const slashWrong = (notice: Notice, honest: ReadonlySet<Hex>): string | null =>
  notice.kind === "slashed" && honest.has(toHex(notice.agent))
    ? `slashed the honest ${toHex(notice.agent)} of ${notice.amount} (${notice.evidence})`
    : null;

/** Stake that vanished without a word. */
export function stakeWrongs(
  opening: readonly Stake[],
  accounts: readonly Stake[],
  honest: ReadonlySet<Hex>,
): readonly string[] {
  const stakes = new Map(accounts.map(({ agent, stake }) => [agent, stake]));
  return opening.flatMap(({ agent, stake }) => {
    const left = stakes.get(agent) ?? 0n;
    return honest.has(agent) && left < stake
      ? [`the honest ${agent} has a stake of ${left}, and had ${stake}`]
      : [];
  });
}
