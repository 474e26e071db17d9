// `jury list`, `jury vote`: disputes, and what a seat finds.
import type { MemberView, TradeView } from "../../contract/index.js";
import { usageFailure } from "../failure.js";
import type { Session } from "../session.js";
import { clock, creditsOf, short, table } from "../show.js";
import { getTrade } from "./trade-named.js";
import { type ActorOptions, actorOf } from "./trade-say.js";

interface ListOptions {
  readonly limit: number;
  readonly cursor?: string;
}

export async function list(session: Session, { limit, cursor }: ListOptions): Promise<void> {
  const what = "could not list disputes";
  const query = { state: "disputed", limit, cursor };
  const page = await session.client.ask("trades", { query }, what);
  if (session.json) return session.show(page, () => undefined);
  const { items: members } = await session.client.ask("members", {}, what);
  const { agents } = await session.client.ask("node", {}, what);
  const own = members.filter(({ agent }) => agents.includes(agent));
  session.show(page, () => {
    table(
      session.terminal,
      ["TRADE", "WHAT", "PRICE", "EVIDENCE", "BOND", "UNTIL", "VOTES", "HERE"],
      page.items.map((one) => disputeLine(one, own)),
      "Nothing is disputed.",
    );
    if (page.nextCursor !== null) session.terminal.err(`More: --cursor ${page.nextCursor}`);
  });
}

/** A dispute in a line. @param own the seats whose owners are of the daemon */
export function disputeLine(trade: TradeView, own: readonly Pick<MemberView, "seat">[]): readonly string[] {
  const { evidence, bond, jurors, quorum, votes } = trade.dispute!;
  return [
    short(trade.id),
    `${trade.units} × ${trade.capability}`,
    creditsOf(trade.price),
    short(evidence),
    creditsOf(bond),
    clock(trade.deadline),
    `${votes.length} of ${jurors.length}, ${quorum} decide`,
    own.map(({ seat }) => `seat ${seat} ${standingOf(seat, trade.dispute!)}`).join(", "),
  ];
}

function standingOf(seat: number, { jurors, votes }: NonNullable<TradeView["dispute"]>): string {
  if (!jurors.includes(seat)) return "is a party";
  return votes.some((vote) => vote.seat === seat) ? "has voted" : "is asked";
}

interface VoteOptions extends ActorOptions {
  readonly uphold?: number;
  readonly reject?: true;
}

export async function vote(session: Session, options: VoteOptions, id: string): Promise<void> {
  const what = `could not judge ${short(id)}`;
  const { uphold, reject } = options;
  if (uphold === undefined && reject !== true)
    throw usageFailure(what, "a verdict upholds or rejects", "give --uphold <bp> or --reject");
  const trade = await getTrade(session, id);
  const body = { ...actorOf(options), share: uphold ?? null };
  const receipt = await session.client.ask("judge", { params: { id: trade.id }, body }, what);
  session.show(receipt, () => {
    const found = uphold === undefined ? "nothing is wrong" : `${uphold / 100} % is wrong`;
    session.terminal.out(`On the way: ${short(receipt.agent)} finds that ${found} with ${short(trade.id)}`);
  });
}
