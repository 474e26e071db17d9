// Trades: those of the ledger, what failing would cost, and what their parties and the seats say of them.
import { sortedKeys, toHex } from "../../../src/base/index.js";
import type { AgentId } from "../../../src/ledger/index.js";
import {
  historyOf,
  quotePenalty,
  seatOf,
  TRADES,
  type Trade,
  type TradeId,
  tradeOf,
  VIOLATIONS,
} from "../../../src/market/index.js";
import type { Command } from "../../../src/peer/event.js";
import { asDocument, type TRADE_ROUTES, tradeView as tradeSchema } from "../../contract/index.js";
import {
  type Answers,
  type Ask,
  actingAgent,
  agentNamed,
  bytesOf,
  feeOf,
  grant,
  SOME_IDS,
  startingWith,
  wholeId,
  wishFor,
} from "../answer.js";
import type { HostedPeer } from "../hosted.js";
import { asList, pageOf } from "../paging.js";
import { problem } from "../problem.js";
import { quoteView } from "../views/penalty.js";
import { newestTrades, tradeView } from "../views/trade.js";

export const TRADE_ANSWERS: Answers<typeof TRADE_ROUTES> = {
  async trades({ peer, query, serving }) {
    const { agent, role = null, state = null, auction, cursor = null, limit } = query;
    const { ledger } = peer.state;
    const party = agent === undefined ? ownIf(peer, role !== null) : agentNamed(peer, agent);
    const filter = { state, role, agent: party, auction: auction === undefined ? null : bytesOf(auction) };
    const page = pageOf(newestTrades(ledger, filter), { cursor, limit }, (one) => toHex(one.id));
    const shown = { ...page, items: page.items.map((one) => tradeView(ledger, one)) };
    return asList("TradeList", tradeSchema, shown, (one) => one.id, serving.onUnshown);
  },

  async trade({ peer, params }) {
    return asDocument("Trade", tradeView(peer.state.ledger, await anyTrade(peer, params.id)));
  },

  async penaltyQuotes({ peer, params }) {
    const { ledger, tip } = peer.state;
    const trade = tradeNamed(peer, params.id);
    const history = historyOf(ledger, trade.performer, tip.timeMs);
    return asDocument("PenaltyQuotes", {
      trade: toHex(trade.id),
      performer: toHex(trade.performer),
      price: trade.price.toString(),
      lien: trade.lien.toString(),
      ...history,
      quotes: VIOLATIONS.map((one) => quoteView(quotePenalty(one, trade.lien, history), one)),
    });
  },

  deliver: async (ask) => {
    const hash = bytesOf(ask.body.hash);
    const receipt = await say(ask, "deliver", ({ from, trade }) => ({ kind: "deliver", from, trade, hash }));
    ask.peer.node.handover.promise(bytesOf(ask.params.id));
    return receipt;
  },

  accept: (ask) => say(ask, "accept", ({ from, trade }) => ({ kind: "accept", from, trade })),

  fail: (ask) => say(ask, "fail", ({ from, trade }) => ({ kind: "fail", from, trade })),

  dispute: (ask) => {
    const { evidence, bond } = ask.body;
    return say(ask, "dispute", ({ from, trade }) => ({
      kind: "dispute",
      from,
      trade,
      evidence: bytesOf(evidence),
      bond: bond === undefined ? null : BigInt(bond),
    }));
  },

  judge: (ask) => {
    const { share } = ask.body;
    return say(ask, "judge", ({ from, trade }) => ({ kind: "verdict", from, trade, share }));
  },
};

type TradeCommand = Extract<
  Command,
  { readonly kind: "deliver" | "accept" | "fail" | "dispute" | "verdict" }
>;
type TradeAction = "deliver" | "accept" | "fail" | "dispute" | "judge";

/** What a party says, or a juror, in the name of an agent of this daemon. */
interface Saying {
  readonly from: AgentId;
  readonly trade: TradeId;
}

type SayingAsk = Ask<(typeof TRADE_ROUTES)[TradeAction]>;

/** Grants what somebody says of a trade. @throws Problem TRADE_UNKNOWN, NO_AGENT, and for a refusal */
function say(ask: SayingAsk, action: TradeAction, commandOf: (saying: Saying) => TradeCommand) {
  return grant(ask, (peer) => {
    const { id, auction } = tradeNamed(peer, ask.params.id);
    const juror = action === "judge" && ask.body.agent === undefined ? ownJuror(peer) : null;
    const from = juror ?? actingAgent(peer, ask.body.agent);
    const receipt = { action, agent: toHex(from), auction: toHex(auction), trade: toHex(id) } as const;
    return wishFor(peer, receipt, { ...commandOf({ from, trade: id }), ...feeOf(ask.body.fee) });
  });
}

/** The agent of the daemon that holds a seat, by which it judges; null: none does. */
function ownJuror({ state }: HostedPeer): AgentId | null {
  const owner = sortedKeys(state.agents).find((agent) => seatOf(state.ledger, bytesOf(agent)) !== null);
  return owner === undefined ? null : bytesOf(owner);
}

const ownIf = (peer: HostedPeer, isMeant: boolean): AgentId | null =>
  isMeant ? actingAgent(peer, undefined) : null;

/** The trade that an id or a unique prefix names, also one that history alone has. @throws Problem TRADE_UNKNOWN, ID_AMBIGUOUS */
export const anyTrade = async (peer: HostedPeer, text: string): Promise<Trade> =>
  (await pastTrade(peer, text)) ?? tradeNamed(peer, text);

/** The trade that history alone has by now; null: it is in the ledger, or nowhere. @throws Problem ID_AMBIGUOUS */
async function pastTrade({ state, node }: HostedPeer, text: string): Promise<Trade | null> {
  const held = startingWith(state.ledger.table(TRADES).keys(), text, SOME_IDS);
  const kept = await node.historySubjects("trade", `id/${text}`, SOME_IDS);
  const ids = new Set([...held, ...kept.map((one) => one.slice("id/".length))]);
  const whole = wholeId(text, [...ids]);
  if (whole === null || held.includes(whole)) return null;
  const { rows } = await node.history("trade", { subject: `id/${whole}`, before: null, limit: 1 });
  return rows[0] === undefined ? null : { id: rows[0].row.id, ...rows[0].row.row };
}

/** The trade that an id or a unique prefix names. @throws Problem TRADE_UNKNOWN, ID_AMBIGUOUS */
function tradeNamed({ state, node }: HostedPeer, text: string): Trade {
  const whole = wholeId(text, startingWith(state.ledger.table(TRADES).keys(), text, SOME_IDS));
  if (whole !== null) return tradeOf(state.ledger, whole)!;
  throw problem(
    "TRADE_UNKNOWN",
    node.isBehind
      ? `no trade's id begins with ${text} in what this peer has of the log; it is behind, and catches up`
      : `no trade's id begins with ${text}; the ledger forgets trades with their auction, and history has those that ended since it began here`,
  );
}
