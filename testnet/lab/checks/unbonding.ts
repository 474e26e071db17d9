// unbonding: what was withdrawn is held for its time and no longer, and who owes has nothing unbonding (spec/money#S8).
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Params } from "../../../src/ledger/params.js";
import type { AccountBook, Executed } from "./books.js";
import type { History } from "./history.js";

export type UnbondTerms = Pick<Params, "unbondMs">;

/** An entry sets so many parts free at least that what is due has gone so many entries later. */
const ENTRIES_TO_RELEASE = 10;

interface Withdrawal {
  readonly amount: bigint;
  readonly releaseMs: number;
  /** its time has come, and entries may have had others to set free before it */
  readonly isDue: boolean;
}

export function unbondingWrongs(
  history: History,
  { unbondMs }: UnbondTerms,
  { height, accounts }: Executed,
): readonly string[] {
  const withdrawn = withdrawnAt(history, unbondMs, height);
  const slashed = slashedIn(history);
  return accounts.flatMap((account) => {
    const says = wrongWith(account, withdrawn.get(account.agent) ?? [], slashed.has(account.agent));
    return says === null ? [] : [`at height ${height} ${account.agent.slice(0, 8)} ${says}`];
  });
}

/** A slash takes of what is unbonding, and all of it before there is debt. */
function wrongWith(
  { unbonding, slashDebt }: Pick<AccountBook, "unbonding" | "slashDebt">,
  withdrawn: readonly Withdrawal[],
  isSlashed: boolean,
): string | null {
  if (slashDebt > 0n && unbonding.length > 0)
    return `owes ${slashDebt}, and a slash has left what is unbonding`;
  const nameOf = ({ amount, releaseMs }: { amount: bigint; releaseMs: number }) =>
    `${amount} until ${releaseMs}`;
  const held = new Map<string, number>();
  for (const part of unbonding) held.set(nameOf(part), (held.get(nameOf(part)) ?? 0) + 1);
  if (isSlashed) {
    const most = withdrawn.reduce((sum, { amount }) => sum + amount, 0n);
    const sum = unbonding.reduce((total, { amount }) => total + amount, 0n);
    return sum <= most ? null : `has ${sum} unbonding, and withdrew ${most}`;
  }
  for (const part of withdrawn) {
    const left = held.get(nameOf(part)) ?? 0;
    if (left > 0) held.set(nameOf(part), left - 1);
    else if (!part.isDue) return `has withdrawn ${nameOf(part)}, and it is not held`;
  }
  const beyond = [...held].find(([, count]) => count > 0);
  return beyond === undefined ? null : `holds ${beyond[0]}, which it did not withdraw or which is free`;
}

/** By agent: what the log's operations up to a height withdrew, and what of it may still be held there. */
function withdrawnAt(
  history: History,
  unbondMs: number,
  height: number,
): ReadonlyMap<Hex, readonly Withdrawal[]> {
  const windows = history.windows();
  const nowMs = windows.timeMs(height);
  const earlierMs = height > ENTRIES_TO_RELEASE ? windows.timeMs(height - ENTRIES_TO_RELEASE) : 0;
  const withdrawn = new Map<Hex, Withdrawal[]>();
  for (const { height: at, operation, isRefused } of history.operations()) {
    const { authority, body } = operation;
    if (at > height || isRefused || authority === null || body.kind !== "unbond") continue;
    const releaseMs = windows.timeMs(at) + unbondMs;
    if (releaseMs <= earlierMs) continue;
    const agent = toHex(authority.from);
    const part = { amount: body.amount, releaseMs, isDue: releaseMs <= nowMs };
    withdrawn.set(agent, [...(withdrawn.get(agent) ?? []), part]);
  }
  return withdrawn;
}

const slashedIn = (history: History): ReadonlySet<Hex> =>
  new Set(
    history
      .told()
      .flatMap(({ notices }) => notices)
      .flatMap((notice) => (notice.kind === "slashed" ? [toHex(notice.agent)] : [])),
  );
