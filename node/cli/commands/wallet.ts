// `wallet balance`, `wallet history`, `wallet transfer`, `wallet grant`, `wallet raise`, `testnet faucet`.
import type { MovementView, WalletView } from "../../contract/index.js";
import { mustBeAsked } from "../same.js";
import type { Session } from "../session.js";
import { creditsOf, labelled, short, table } from "../show.js";
import { secured, stakeRows } from "./stake.js";

export async function balance(session: Session, _options: object, agent?: string): Promise<void> {
  const what = "could not see the wallet";
  const wallet = await session.client.ask("wallet", { query: { agent } }, what);
  if (agent !== undefined) mustBeAsked(agent, wallet.agent, what);
  session.show(wallet, () =>
    labelled(session.terminal, [
      ["Agent", wallet.agent + (wallet.held ? "" : " (its key is not here)")],
      ["Payer", wallet.budget === null ? null : payerLine(wallet.budget)],
      ["Free", `${creditsOf(wallet.free)} credits`],
      ["Lockable", `${creditsOf(wallet.lockable)} credits`],
      ["Locked", `${creditsOf(wallet.locked)} credits`],
      ...wallet.locks.map((one) => ["", `${creditsOf(one.amount)} for ${lockedFor(one)}`] as const),
      ["Deposits", `${creditsOf(wallet.deposits)} credits`],
      ...stakeRows(wallet),
      ["At height", String(wallet.height)],
    ]),
  );
}

/** Who pays for what an agent does that has a budget. */
function payerLine({ owner, payer, standing }: NonNullable<WalletView["budget"]>): string {
  if (standing !== "live") return `itself: its budget of ${short(owner)} is ${STANDINGS[standing]}`;
  const by = owner === payer ? "by its budget" : `by its budget of ${short(owner)}`;
  return `${payer}, ${by}: \`budget show\``;
}

const STANDINGS = { closed: "closed", expired: "over", "ended above": "ended above it" } as const;

/** What a lock holds money for, and whose where that is another's. */
const lockedFor = (lock: WalletView["locks"][number]): string =>
  lock.payer === null ? purposeOf(lock) : `${purposeOf(lock)}, of ${short(lock.payer)}`;

/** Until an auction ends for a bid or the like, and from then on for what it has to pay. */
function purposeOf({ id, reason, trades }: WalletView["locks"][number]): string {
  if (reason === "dispute") return `the dispute of ${secured([id], id)}`;
  if (trades.length === 0) return `${reason} ${short(id)}`;
  return `the price of ${secured(trades, id)}`;
}

interface HistoryOptions {
  readonly agent?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export async function history(session: Session, options: HistoryOptions): Promise<void> {
  const { limit, agent, cursor } = options;
  const what = "could not see the wallet's history";
  const page = await session.client.ask("movements", { query: { limit, agent, cursor } }, what);
  const isShared = page.items.some(({ payer, child }) => payer !== null || child !== null);
  session.show(page, () => {
    table(
      session.terminal,
      ["TIME", "WHAT", "CREDITS", "WITH", "AUCTION", ...(isShared ? ["WHOSE"] : [])],
      page.items.map((one) => [
        one.time,
        one.what,
        one.spent === "0" ? `+${creditsOf(one.gained)}` : `-${creditsOf(one.spent)}`,
        short(one.other),
        short(one.auction),
        ...(isShared ? [whose(one)] : []),
      ]),
      "Nothing has come in or gone out yet.",
    );
    if (page.nextCursor !== null) session.terminal.err(`More: --cursor ${page.nextCursor}`);
  });
}

/** Whose money was moved, or by whom. */
function whose({ payer, child }: MovementView): string {
  if (payer !== null) return `of ${short(payer)}`;
  return child === null ? "own" : `own, by ${short(child)}`;
}

interface TransferOptions {
  readonly agent?: string;
  readonly fee?: string;
}

export async function transfer(
  session: Session,
  options: TransferOptions,
  to: string,
  amount: string,
): Promise<void> {
  const { agent, fee } = options;
  const body = {
    to,
    amount,
    ...(agent === undefined ? {} : { agent }),
    ...(fee === undefined ? {} : { fee }),
  };
  const what = `could not send ${creditsOf(amount)} credits`;
  const receipt = await session.client.ask("transfer", { body }, what);
  session.show(receipt, () =>
    session.terminal.out(
      `On the way: ${creditsOf(amount)} credits from ${short(receipt.agent)} to ${short(to)}; final when the log holds it`,
    ),
  );
}

interface GrantOptions extends TransferOptions {
  readonly stake?: string;
}

export async function grant(
  session: Session,
  options: GrantOptions,
  to: string,
  amount: string,
): Promise<void> {
  const { agent, fee, stake } = options;
  const body = {
    to,
    amount,
    ...(stake === undefined ? {} : { stake }),
    ...(agent === undefined ? {} : { agent }),
    ...(fee === undefined ? {} : { fee }),
  };
  const granted = grantOf({ amount, ...(stake === undefined ? {} : { stake }) });
  const receipt = await session.client.ask("grant", { body }, `could not grant ${granted}`);
  session.show(receipt, () =>
    session.terminal.out(
      `On the way: ${granted}, minted by ${short(receipt.agent)} for ${short(to)}; final when the log holds it`,
    ),
  );
}

interface RaiseOptions {
  readonly fee?: string;
}

export async function raise(session: Session, options: RaiseOptions, operation: string): Promise<void> {
  const body = { operation, ...(options.fee === undefined ? {} : { fee: options.fee }) };
  const what = `could not raise the fee of ${short(operation)}`;
  const receipt = await session.client.ask("raiseFee", { body }, what);
  session.show(receipt, () =>
    session.terminal.out(
      `Replaced by ${receipt.operation}, which pays ${creditsOf(receipt.fee ?? "0")} credits; one of the two is executed`,
    ),
  );
}

interface FaucetOptions {
  readonly amount?: string;
  readonly stake?: string;
}

export async function faucet(session: Session, options: FaucetOptions, agent?: string): Promise<void> {
  const body = {
    ...(agent === undefined ? {} : { to: agent }),
    ...(options.amount === undefined ? {} : { amount: options.amount }),
    ...(options.stake === undefined ? {} : { stake: options.stake }),
  };
  const what = "could not have credits granted";
  const receipt = await session.client.ask("faucet", { body }, what);
  session.show(receipt, () => session.terminal.out(`${grantOf(options)} on the way to ${receipt.agent}`));
}

function grantOf({ amount, stake }: FaucetOptions): string {
  if (amount === undefined && stake === undefined) return "The faucet's usual grant";
  const parts = [
    ...(amount === undefined ? [] : [`${creditsOf(amount)} credits`]),
    ...(stake === undefined ? [] : [`${creditsOf(stake)} credits of stake`]),
  ];
  return parts.join(" and ");
}
