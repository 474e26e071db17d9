// What the parties of a run's trades do, and those who judge them: each by its own peer's word, and by its plan.
import { type Hex, toHex, utf8 } from "../../../src/base/index.js";
import { taggedHash } from "../../../src/crypto/index.js";
import type { AgentId, Params } from "../../../src/ledger/index.js";
import { leastBondFor, type OperationBody, type Trade, type TradeId } from "../../../src/market/index.js";
import type { Command } from "../../../src/peer/event.js";
import { type DisputePlan, votesOf } from "./disputes.js";
import type { DeliveryPlan } from "./workload.js";
import type { Host } from "./world/host.js";

/** How long after its time is over somebody speaks who is late. */
const LATE_MS = 300;
/** Of what is delivered, or held against it, nobody asks for more than the hash. */
const DELIVERED = taggedHash("msg", utf8("delivered"));
const EVIDENCE = taggedHash("msg", utf8("evidence"));

/** What a trader has of the world. */
export interface Hands {
  readonly params: Pick<Params, "verdictMs" | "disputeBondBp" | "leastDisputeBond">;
  idOf(host: number): AgentId;
  /** of the host's own peer */
  ask(host: Host, command: Command): void;
  /** past it, which would refuse */
  force(host: Host, bodies: readonly OperationBody[]): void;
  after(ms: number, go: () => void): void;
}

export class Traders {
  /** who has had its say of which dispute */
  private readonly spoken = new Set<string>();

  constructor(
    private readonly hands: Hands,
    /** hosts with a seat, which are the first */
    private readonly seats: number,
  ) {}

  /** The host's peer tells of a trade as it stands. */
  noticed(host: Host, plan: DeliveryPlan, trade: Trade): void {
    const from = toHex(this.hands.idOf(host.index));
    if (trade.state.kind === "disputed") this.judge(host, plan, trade);
    else if (toHex(trade.performer) === from) this.perform(host, plan, trade);
    else if (toHex(trade.buyer) === from) this.buy(host, plan, trade);
  }

  private perform(host: Host, { performs, deliverMs }: DeliveryPlan, { id: trade, state }: Trade): void {
    const from = this.hands.idOf(host.index);
    const deliver = { kind: "deliver", trade, hash: DELIVERED } as const;
    if (state.kind === "delivered") this.cheat(host, performs, trade);
    if (state.kind !== "due") return;
    if (performs === "givesUp") this.hands.ask(host, { kind: "fail", from, trade });
    else if (performs === "late")
      this.hands.after(deliverMs + LATE_MS, () => this.hands.force(host, [deliver]));
    else if (performs !== "forgets") this.hands.ask(host, { ...deliver, from });
  }

  private cheat(host: Host, performs: DeliveryPlan["performs"], trade: TradeId): void {
    if (performs === "twice") this.hands.force(host, [{ kind: "deliver", trade, hash: DELIVERED }]);
    if (performs === "failsAfter")
      this.hands.force(host, [
        { kind: "fail", trade },
        { kind: "accept", trade },
      ]);
  }

  private buy(
    host: Host,
    { meddles, isAccepted, settleMs, dispute }: DeliveryPlan,
    { id: trade, price, state }: Trade,
  ): void {
    if (state.kind === "due" && meddles)
      this.hands.force(host, [
        { kind: "deliver", trade, hash: DELIVERED },
        { kind: "accept", trade },
      ]);
    if (state.kind !== "delivered") return;
    const from = this.hands.idOf(host.index);
    const least = leastBondFor(price, this.hands.params);
    switch (dispute?.disputes) {
      case "plain":
      case "twice":
        this.hands.ask(host, { kind: "dispute", from, trade, evidence: EVIDENCE, bond: null });
        break;
      case "poor":
        this.hands.force(host, [disputed(trade, least - 1n)]);
        break;
      case "late":
        this.hands.after(settleMs + LATE_MS, () => this.hands.force(host, [disputed(trade, least)]));
        break;
      default:
        if (isAccepted) this.hands.ask(host, { kind: "accept", from, trade });
    }
  }

  /** Every vote tells of the trade again, and each has its say once. */
  private judge(host: Host, { dispute }: DeliveryPlan, trade: Trade): void {
    const key = `${host.index}/${toHex(trade.id)}`;
    if (dispute === null || this.spoken.has(key)) return;
    this.spoken.add(key);
    const from = toHex(this.hands.idOf(host.index));
    if (from === toHex(trade.buyer) && dispute.disputes === "twice")
      this.hands.force(host, [disputed(trade.id, leastBondFor(trade.price, this.hands.params))]);
    this.speak(host, dispute, trade, from);
  }

  private speak(
    host: Host,
    { voices }: DisputePlan,
    { id: trade, performer, buyer }: Trade,
    from: Hex,
  ): void {
    const voice = voices[host.index];
    if (voice === undefined || voice.speaks === "never") return;
    const isParty = [toHex(performer), toHex(buyer)].includes(from);
    const verdicts = votesOf(voice).map((share) => ({ kind: "verdict", trade, share }) as const);
    if (voice.speaks === "late")
      this.hands.after(this.hands.params.verdictMs + LATE_MS, () => this.hands.force(host, verdicts));
    else if (isParty || host.index >= this.seats || verdicts.length > 1) this.hands.force(host, verdicts);
    else
      for (const verdict of verdicts) this.hands.ask(host, { ...verdict, from: this.hands.idOf(host.index) });
  }
}

const disputed = (trade: TradeId, bond: bigint): OperationBody => ({
  kind: "dispute",
  trade,
  evidence: EVIDENCE,
  bond,
});
