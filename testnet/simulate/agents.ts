// Carries out a workload: each agent asks its own peer, and bids when that peer tells it of an auction.
import { type Bytes, type Hex, toHex } from "../../src/base/index.js";
import { type AgentId, decodeOperation } from "../../src/ledger/operation.js";
import type { Command } from "../../src/peer/event.js";
import type { Notice, Outgoing } from "../../src/peer/ready.js";
import type { QuorumMessage } from "../../src/quorum/message.js";
import type { AuctionPlan, BidPlan, PaymentPlan, PlacedBid, Workload } from "./workload.js";
import type { Host } from "./world/host.js";
import type { Witness, World } from "./world/world.js";

export class Agents implements Witness {
  /** bids that were asked for, by auction */
  readonly placed = new Map<Hex, PlacedBid[]>();
  private readonly plans: ReadonlyMap<string, AuctionPlan>;
  private readonly names = new Map<Hex, string>();
  private readonly done = new Set<string>();
  private readonly withholders: ReadonlySet<number>;
  private commands = 0;

  /** @param ids the agent of each host */
  constructor(
    private readonly world: World,
    workload: Workload,
    private readonly ids: readonly AgentId[],
    private readonly isFaulty: () => boolean,
  ) {
    world.silences.push((host, outgoing) => this.isWithheld(host, outgoing));
    this.plans = new Map(workload.auctions.map((plan) => [plan.name, plan]));
    const bids = workload.auctions.flatMap((plan) => plan.bids);
    this.withholders = new Set(bids.filter((bid) => bid.isWithheld).map((bid) => bid.host));
    for (const plan of workload.auctions) world.agenda.at(plan.atMs, () => this.open(plan));
    for (const plan of workload.payments) world.agenda.at(plan.atMs, () => this.pay(plan));
  }

  noticed(host: Host, notice: Notice): void {
    if (notice.kind === "auctionOpened") {
      const auction = toHex(notice.auction);
      this.names.set(auction, notice.lot.capability);
      this.bid(host, notice.auction);
    } else if (notice.kind === "bidCommitted") {
      const plan = this.planOf(toHex(notice.auction), host);
      const isOwn = toHex(notice.bidder) === toHex(this.ids[host.index]!);
      if (plan?.crashForMs == null || !isOwn || !this.isFaulty()) return;
      this.world.agenda.after(0, () => host.crash("idle", plan.crashForMs!));
    }
  }

  /** A process that was down when an auction opened bids when it learns of it; one that bid does not bid again. */
  private bid(host: Host, auction: Uint8Array): void {
    const key = toHex(auction);
    const plan = this.planOf(key, host);
    if (plan === null || this.done.has(`${host.index}/${key}`)) return;
    this.done.add(`${host.index}/${key}`);
    const { amount, delayMs, isWithheld } = plan;
    const bid = { auction, host: host.index, amount, isWithheld };
    this.placed.set(key, [...(this.placed.get(key) ?? []), bid]);
    const from = this.ids[host.index]!;
    this.ask(host, { kind: "placeBid", from, auction, amount, lockup: null, delayMs });
  }

  private open(plan: AuctionPlan): void {
    const { startInMs, commitMs, revealMs, reserve, hiddenReserve, sellerBond, lockups } = plan;
    const lot = { capability: plan.name, units: 1, fromMs: null, toMs: this.lapseOf(plan) };
    this.ask(this.world.hosts[plan.seller]!, {
      kind: "createAuction",
      from: this.ids[plan.seller]!,
      lot,
      reserve,
      lockups,
      startInMs,
      commitMs,
      revealMs,
      hiddenReserve,
      sellerBond,
    });
  }

  /** Ledger time: what a right clock shows now, and from here on as long as the lot is to last. */
  private lapseOf({ lapsesInMs, startInMs, commitMs, revealMs }: AuctionPlan): number | null {
    if (lapsesInMs === null) return null;
    return Math.round(this.world.rightMs + startInMs + commitMs + revealMs + lapsesInMs);
  }

  private pay({ kind, from, to, amount }: PaymentPlan): void {
    this.ask(this.world.hosts[from]!, { kind, from: this.ids[from]!, to: this.ids[to]!, amount });
  }

  /** Asked outside of the step that is running, as a program would. */
  private ask(host: Host, command: Command): void {
    const ref = ++this.commands;
    this.world.agenda.after(0, () => host.deliver({ kind: "command", ref, command }, 0));
  }

  /** An agent that withholds lets no reveal of its own out, neither by gossip nor to a member. */
  private isWithheld(host: Host, outgoing: Outgoing): boolean {
    const bytes = outgoing.to === "topic" ? outgoing.bytes : operationIn(outgoing.message);
    if (bytes === null || !this.withholders.has(host.index)) return false;
    const decoded = decodeOperation(bytes);
    if (!decoded.ok || decoded.value.body.kind !== "reveal") return false;
    const { auction, bidder } = decoded.value.body;
    if (toHex(bidder) !== toHex(this.ids[host.index]!)) return false;
    return this.planOf(toHex(auction), host)?.isWithheld === true;
  }

  private planOf(auction: Hex, host: Host): BidPlan | null {
    const plan = this.plans.get(this.names.get(auction) ?? "");
    return plan?.bids.find((bid) => bid.host === host.index) ?? null;
  }
}

const operationIn = (message: QuorumMessage): Bytes | null => (message.kind === "op" ? message.op : null);
