// `trade list`, `trade show`.
import { isTradeOver, type PenaltyView, type TradeView } from "../../contract/index.js";
import { usageFailure } from "../failure.js";
import type { Session } from "../session.js";
import { clock, creditsOf, fromNow, labelled, painter, short, table } from "../show.js";
import { moreOf, sinceOf } from "./history-page.js";
import { getTrade } from "./trade-named.js";
import { watch } from "./trade-watch.js";

interface ListOptions {
  readonly agent?: string;
  readonly role?: string;
  readonly state?: string;
  readonly auction?: string;
  readonly ended?: true;
  readonly capability?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export async function list(session: Session, options: ListOptions): Promise<void> {
  const { agent, role, state, auction, limit, cursor } = options;
  if (options.ended === true) return listEnded(session, options);
  if (options.capability !== undefined)
    throw usageFailure("could not list trades", "--capability asks history", "add --ended");
  const query = { agent, role, state, auction, limit, cursor };
  const page = await session.client.ask("trades", { query }, "could not list trades");
  session.show(page, () => {
    showTrades(
      session,
      page.items,
      "No such trade. A lot that is delivered begins one: `auction create … --deliver 1h`",
    );
    if (page.nextCursor !== null) session.terminal.err(`More: --cursor ${page.nextCursor}`);
  });
}

async function listEnded(session: Session, options: ListOptions): Promise<void> {
  const { agent, capability, limit, cursor } = options;
  const what = "could not list ended trades";
  const page = await session.client.ask("endedTrades", { query: { agent, capability, limit, cursor } }, what);
  session.show(page, () => {
    const paint = painter(session.terminal);
    table(
      session.terminal,
      ["TRADE", "STATE", "WHAT", "PRICE", "RECEIVED", "RETURNED", "PERFORMER", "BUYER", "ENDED", "CAUSE"],
      page.items.map((one) => [
        short(one.id),
        colouredState(one, paint),
        `${one.units} × ${one.capability}`,
        creditsOf(one.price),
        creditsOf(one.end?.received ?? "0"),
        creditsOf(one.end?.returned ?? "0"),
        short(one.performer),
        short(one.buyer),
        clock(one.end?.time ?? null),
        one.end?.cause ?? "–",
      ]),
      `No ${capability === undefined ? "trade" : `trade of ${capability}`} has ended${sinceOf(page)}.`,
    );
    moreOf(session, page);
  });
}

/** A table of trades. */
export function showTrades(session: Session, trades: readonly TradeView[], empty: string): void {
  const paint = painter(session.terminal);
  table(
    session.terminal,
    ["TRADE", "STATE", "WHAT", "PRICE", "PERFORMER", "BUYER", "FENCE", "UNTIL"],
    trades.map((one) => [
      short(one.id),
      colouredState(one, paint),
      `${one.units} × ${one.capability}`,
      creditsOf(one.price),
      short(one.performer),
      short(one.buyer),
      String(one.fence),
      clock(one.deadline),
    ]),
    empty,
  );
}

function colouredState({ state }: Pick<TradeView, "state">, paint: ReturnType<typeof painter>): string {
  if (state === "paid") return paint.green(state);
  return isTradeOver(state) ? paint.yellow(state) : state;
}

interface ShowOptions {
  readonly watch?: true;
}

export async function show(session: Session, options: ShowOptions, id: string): Promise<void> {
  const trade = await getTrade(session, id);
  session.show(trade, () => labelled(session.terminal, tradeRows(trade)));
  if (options.watch === true && !isTradeOver(trade.state)) await watch(session, trade);
}

type Row = readonly [label: string, value: string | null];

/** What the deadline of each state is for. */
const WAITS_FOR = { due: "Deliver by", delivered: "Accept by", disputed: "Judged by" } as const;

/** A trade line by line; what it has not come to has no line. */
export function tradeRows(trade: TradeView): readonly Row[] {
  const { state, deadline, dispute, end } = trade;
  const waits: readonly Row[] =
    deadline === null || !(state in WAITS_FOR)
      ? []
      : [[WAITS_FOR[state as keyof typeof WAITS_FOR], `${deadline}, ${fromNow(deadline)}`]];
  return [
    ["Trade", trade.id],
    ["Auction", trade.auction],
    ["Performer", trade.performer],
    ["Buyer", trade.buyer],
    ["What", `${trade.units} × ${trade.capability}`],
    ["Fence", `${trade.fence}: of two holders of one thing the greater is the later`],
    ["State", state],
    ["Price", `${creditsOf(trade.price)} credits`],
    ["Lien", `${creditsOf(trade.lien)} credits of the performer's stake`],
    ...waits,
    ["Delivered", trade.delivered],
    ...(dispute === null ? [] : disputeRows(dispute)),
    ...(end === null ? [] : endRows(trade, end)),
  ];
}

type DisputeView = NonNullable<TradeView["dispute"]>;

const BOND = { buyer: ", returned", performer: ", paid to the performer" } as const;

function disputeRows({ evidence, bond, bondTo, jurors, quorum, votes }: DisputeView): readonly Row[] {
  return [
    ["Evidence", evidence],
    ["Bond", `${creditsOf(bond)} credits of the buyer${bondTo === null ? "" : BOND[bondTo]}`],
    ["Jury", `seats ${jurors.join(", ")}: ${quorum} of them decide by agreeing`],
    ["Votes", votes.length === 0 ? "none yet" : null],
    ...votes.map(
      ({ seat, share }, i): Row => [
        i === 0 ? "Votes" : "",
        `seat ${seat} ${share === null ? "rejects" : `upholds ${percent(share)}`}`,
      ],
    ),
  ];
}

function endRows({ price }: TradeView, end: NonNullable<TradeView["end"]>): readonly Row[] {
  const due = BigInt(price) - BigInt(end.returned);
  return [
    ["Ended", `${end.says} (${end.cause}), at height ${end.height}, ${end.time}`],
    ["Share", end.shareBp === null ? null : `${percent(end.shareBp)} of the price goes back`],
    ["Returned", `${creditsOf(end.returned)} of ${creditsOf(price)} credits`],
    [
      "Received",
      `${creditsOf(end.received)} credits: ${creditsOf(due)} less ${percent(end.feeBp)}, rounded down`,
    ],
    ["Fee", `${creditsOf(end.fee)} credits, burned`],
    ...(end.penalty === null ? [] : penaltyRows(end.penalty)),
  ];
}

/** A penalty and what it was computed from. */
function penaltyRows(one: PenaltyView): readonly Row[] {
  return [
    ["Penalty", `${one.condition}: ${one.says}`],
    [
      "",
      `base ${creditsOf(one.base)}, ${percent(one.penaltyBp)}, severity ${one.severity}, repeat ${one.repeat}, share ${percent(one.shareBp)}`,
    ],
    ["", `${one.violations} violations within 30 periods before it, forgiven with fewer than ${one.grace}`],
    [
      "",
      `due ${creditsOf(one.due)}, taken ${creditsOf(one.taken)}: ${creditsOf(one.burned)} burned, ${creditsOf(one.insurance)} to the insurance pool`,
    ],
  ];
}

const percent = (bp: number): string => `${bp / 100} %`;
