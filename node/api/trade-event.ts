// What becomes of a trade, as an event: which one follows from the state that the trade has come to.
import { toHex } from "../../src/base/index.js";
import type { Params } from "../../src/ledger/index.js";
import { type EndedState, type Opinion, statusOf, type Trade } from "../../src/market/index.js";
import type { Notice } from "../../src/peer/ready.js";
import { creditsOf, type EventBody, timeOf } from "../contract/index.js";
import { penaltyView, percent } from "./views/penalty.js";
import { returnedBp, saysOfEnd } from "./views/trade.js";

type Told<E> = E extends EventBody & { readonly trade: string } ? Omit<E, "time"> : never;

export function tradeEvent(
  { height, trade }: Extract<Notice, { kind: "trade" }>,
  params: Pick<Params, "disputeSplitBp">,
): Told<EventBody> {
  const { state } = trade;
  const told = { height, ...partsOf(trade) };
  switch (state.kind) {
    case "due": {
      const { capability, units, lien } = trade;
      const deliverBy = timeOf(state.deliverByMs);
      const says = `${units} × ${capability} for ${creditsOf(trade.price)}, to be delivered by ${deliverBy}`;
      return { type: "trade.began", ...told, says, capability, units, lien: lien.toString(), deliverBy };
    }
    case "delivered": {
      const acceptBy = timeOf(state.acceptByMs);
      const says = `delivered; its buyer may accept or dispute it until ${acceptBy}`;
      return { type: "trade.delivered", ...told, says, delivered: toHex(state.hash), acceptBy };
    }
    case "disputed": {
      const { evidence, bond, votes } = state.dispute;
      const last = votes.at(-1);
      if (last !== undefined) {
        const { seat, share } = last;
        return { type: "trade.judged", ...told, says: `seat ${seat} ${saysOfVote(share)}`, seat, share };
      }
      const verdictBy = timeOf(state.verdictByMs);
      const says = `disputed with a bond of ${creditsOf(bond)}; the seats judge it until ${verdictBy}`;
      const shown = { delivered: toHex(state.hash), evidence: toHex(evidence), bond: bond.toString() };
      return { type: "trade.disputed", ...told, says, ...shown, verdictBy };
    }
    case "ended":
      return { type: END_TYPE[statusOf(trade) as Over], ...told, ...endOf(state, params) };
  }
}

/** What a seat finds of a delivery. */
const saysOfVote = (share: Opinion): string =>
  share === null ? "finds nothing wrong" : `finds ${percent(share)} of it wrong`;

const partsOf = ({ id, auction, performer, buyer, price, fence }: Trade) => ({
  trade: toHex(id),
  auction: toHex(auction),
  performer: toHex(performer),
  buyer: toHex(buyer),
  price: price.toString(),
  fence,
});

type Over = "paid" | "refunded" | "split";
const END_TYPE = {
  paid: "trade.paid",
  refunded: "trade.refunded",
  split: "trade.split",
} as const satisfies Record<Over, string>;

const endOf = (ended: EndedState, params: Pick<Params, "disputeSplitBp">) => ({
  says: saysOfEnd(ended),
  cause: ended.cause,
  received: ended.received.toString(),
  fee: ended.fee.toString(),
  returned: ended.returned.toString(),
  shareBp: returnedBp(ended, params),
  penalty: ended.penalty === null ? null : penaltyView(ended.penalty),
});
