// Trades, from the ledger to the API's JSON: with each number that their end was computed from.
import { compareBytes, equalBytes, toHex } from "../../../src/base/index.js";
import { type AgentId, type Ledger, type Params, quorumOf } from "../../../src/ledger/index.js";
import { bondTo, deadlineMs, jurorsOf, statusOf, TRADES, type Trade } from "../../../src/market/index.js";
import { type TradeStateName, type TradeView, timeOf } from "../../contract/index.js";
import { penaltyView } from "./penalty.js";

export type Role = "performer" | "buyer";

interface TradeFilter {
  readonly state: TradeStateName | null;
  readonly auction: Uint8Array | null;
  readonly agent: AgentId | null;
  /** null: either */
  readonly role: Role | null;
}

/** The trades that a filter lets through, the newest outcome first, then by id. */
export const newestTrades = (ledger: Ledger, filter: TradeFilter): readonly Trade[] =>
  [...ledger.table(TRADES).values()]
    .filter((one) => isWanted(one, filter))
    .sort((a, b) => b.fence - a.fence || compareBytes(a.id, b.id));

function isWanted(trade: Trade, { state, auction, agent, role }: TradeFilter): boolean {
  const isParty = (of: Role): boolean =>
    agent === null || ((role === null || role === of) && equalBytes(trade[of], agent));
  return (
    (state === null || statusOf(trade) === state) &&
    (auction === null || equalBytes(trade.auction, auction)) &&
    (isParty("performer") || isParty("buyer"))
  );
}

export function tradeView(ledger: Ledger, trade: Trade): TradeView {
  const { state } = trade;
  const deadline = deadlineMs(trade, ledger.clock);
  return {
    id: toHex(trade.id),
    auction: toHex(trade.auction),
    performer: toHex(trade.performer),
    buyer: toHex(trade.buyer),
    capability: trade.capability,
    units: trade.units,
    price: trade.price.toString(),
    lien: trade.lien.toString(),
    fence: trade.fence,
    state: statusOf(trade),
    deadline: deadline === null ? null : timeOf(deadline),
    settleMs: trade.settleMs,
    delivered: "hash" in state && state.hash !== null ? toHex(state.hash) : null,
    dispute: disputeOf(ledger, trade),
    end: state.kind === "ended" ? endOf(state, ledger.params) : null,
  };
}

type StateOf<K extends Trade["state"]["kind"]> = Extract<Trade["state"], { readonly kind: K }>;

/** What was disputed, who judges it and how they voted: enough to recompute the decision (spec/disputes#decision). */
function disputeOf(ledger: Ledger, trade: Trade): TradeView["dispute"] {
  const { state } = trade;
  const found = "dispute" in state ? state.dispute : null;
  if (found === null) return null;
  const jurors = jurorsOf(ledger, trade);
  return {
    evidence: toHex(found.evidence),
    bond: found.bond.toString(),
    bondTo: state.kind === "ended" ? bondTo(state.cause) : null,
    jurors: [...jurors],
    quorum: quorumOf(jurors.length),
    votes: found.votes.map(({ seat, share }) => ({ seat, share })),
  };
}

function endOf(ended: StateOf<"ended">, params: Params): TradeView["end"] {
  const { cause, endedAt, endedMs, received, fee, returned, penalty } = ended;
  return {
    cause,
    height: endedAt,
    time: timeOf(endedMs),
    feeBp: params.tradeFeeBp,
    shareBp: returnedBp(ended, params),
    received: received.toString(),
    fee: fee.toString(),
    returned: returned.toString(),
    penalty: penalty === null ? null : penaltyView(penalty),
    says: saysOfEnd(ended),
  };
}

/** What of the price returned by a dispute, in bp; null: no dispute ended it. */
export function returnedBp(
  { cause, penalty }: StateOf<"ended">,
  { disputeSplitBp }: Pick<Params, "disputeSplitBp">,
): number | null {
  switch (cause) {
    case "upheld":
      return penalty!.shareBp;
    case "rejected":
      return 0;
    case "hung":
      return disputeSplitBp;
    default:
      return null;
  }
}

/** How a trade ended, in words, with what its performer pays for it. */
export const saysOfEnd = ({ cause, penalty }: StateOf<"ended">): string =>
  penalty === null ? CAUSES[cause] : `${CAUSES[cause]}; ${penaltyView(penalty).says}`;

const CAUSES: Readonly<Record<StateOf<"ended">["cause"], string>> = {
  accepted: "the buyer accepted",
  unopposed: "the buyer had nothing against it in time",
  failed: "the performer gave up",
  timedOut: "nothing was delivered in time",
  upheld: "the seats upheld the dispute",
  rejected: "the seats rejected the dispute, and the bond is the performer's",
  hung: "the seats came to no verdict in time, and the price is shared",
};
