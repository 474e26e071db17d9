// `stake list`, `stake add`, `stake withdraw`.
import type { WalletView } from "../../contract/index.js";
import { mustBeAsked } from "../same.js";
import type { Session } from "../session.js";
import { creditsOf, fromNow, labelled, short } from "../show.js";

/** One trade by its id, several by their auction. */
export const secured = ([first, ...others]: readonly string[], auction: string): string =>
  others.length === 0
    ? `the trade ${short(first!)}`
    : `${others.length + 1} trades of the auction ${short(auction)}`;

/** What a lien secures. */
const SECURED = {
  seat: (id: string) => `the seat with key ${short(id)}`,
  trade: (id: string, trades: readonly string[]) =>
    trades.length === 0 ? `what the auction ${short(id)} promises` : secured(trades, id),
  event: (id: string) => `the events of stream ${short(id)}`,
} as const;

type Row = readonly [label: string, value: string | null];
type Staked = Pick<WalletView, "stake" | "freeStake" | "liens" | "unbonding" | "slashDebt">;

/** An agent's stake, line by line; liens, withdrawals and debt that are not there have no line. */
export const stakeRows = ({ stake, freeStake, liens, unbonding, slashDebt }: Staked): readonly Row[] => [
  ["Stake", `${creditsOf(stake)} credits`],
  ...liens.map(
    ({ id, amount, kind, trades }): Row => ["", `${creditsOf(amount)} for ${SECURED[kind](id, trades)}`],
  ),
  ["Free stake", `${creditsOf(freeStake)} credits`],
  ...unbonding.map(
    ({ amount, freeAt }, i): Row => [
      i === 0 ? "Unbonding" : "",
      `${creditsOf(amount)} credits, free ${fromNow(freeAt)} (${freeAt})`,
    ],
  ),
  ["Slash debt", slashDebt === "0" ? null : `${creditsOf(slashDebt)} credits; the next stake pays it`],
];

export async function list(session: Session, _options: object, agent?: string): Promise<void> {
  const what = "could not see the stake";
  const wallet = await session.client.ask("wallet", { query: { agent } }, what);
  if (agent !== undefined) mustBeAsked(agent, wallet.agent, what);
  session.show(wallet, () =>
    labelled(session.terminal, [
      ["Agent", wallet.agent + (wallet.held ? "" : " (its key is not here)")],
      ...stakeRows(wallet),
      ["At height", String(wallet.height)],
    ]),
  );
}

interface StakeOptions {
  readonly agent?: string;
  readonly fee?: string;
}

const bodyOf = ({ agent, fee }: StakeOptions, amount: string) => ({
  amount,
  ...(agent === undefined ? {} : { agent }),
  ...(fee === undefined ? {} : { fee }),
});

export async function add(session: Session, options: StakeOptions, amount: string): Promise<void> {
  const what = `could not make ${creditsOf(amount)} credits stake`;
  const receipt = await session.client.ask("addStake", { body: bodyOf(options, amount) }, what);
  session.show(receipt, () =>
    session.terminal.out(
      `On the way: ${creditsOf(amount)} credits of ${short(receipt.agent)} become stake; \`stake list\` shows it when the log holds it`,
    ),
  );
}

export async function withdraw(session: Session, options: StakeOptions, amount: string): Promise<void> {
  const what = `could not withdraw ${creditsOf(amount)} credits of stake`;
  const receipt = await session.client.ask("withdrawStake", { body: bodyOf(options, amount) }, what);
  session.show(receipt, () =>
    session.terminal.out(
      `On the way: ${creditsOf(amount)} credits of ${short(receipt.agent)} begin to unbond; \`stake list\` says when they are free`,
    ),
  );
}
