// Carries out a workload: each agent asks its own peer, and bids when that peer tells it of an auction.
import { type Hex, toHex } from "../../../src/base/index.js";
import type { AgentKey } from "../../../src/crypto/index.js";
import type { Network } from "../../../src/ledger/index.js";
import {
  encodeOperation,
  FORMATS,
  laneOf,
  type OperationBody,
  PAID_AT_ONCE,
  signOperation,
} from "../../../src/market/index.js";
import type { Command } from "../../../src/peer/event.js";
import type { Notice } from "../../../src/peer/ready.js";
import type { SimulatedNetwork } from "./network.js";
import { Traders } from "./traders.js";
import {
  type AuctionPlan,
  type BidPlan,
  type DeliveryPlan,
  FREE_STAKE,
  FUNDS,
  type PaymentPlan,
  type PlacedBid,
  type Workload,
} from "./workload.js";
import type { Host } from "./world/host.js";
import type { Witness, World } from "./world/world.js";

/** Of what an agent has at the start, two thirds: one is paid, a second is not. */
const OVERDRAFT_FEE = (FUNDS * 2n) / 3n;
const OVERDRAFTS = 3;
/** How long what goes past its own peer is valid. */
const FORCED_MS = 60_000;
const FORCED_FEE = 1_000_000n;

/** What an agent asks its own peer for. */
interface Wish {
  readonly kind: Exclude<PaymentPlan["kind"], "overdraft" | "overreach">;
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly amount: bigint;
}

export class Agents implements Witness {
  /** bids that were asked for, by auction */
  readonly placed = new Map<Hex, PlacedBid[]>();
  private readonly plans: ReadonlyMap<string, AuctionPlan>;
  private readonly names = new Map<Hex, string>();
  private readonly done = new Set<string>();
  private readonly traders: Traders;
  /** of the agent of each host */
  private readonly keys: readonly AgentKey[];
  private readonly network: Network;
  private commands = 0;

  constructor(
    private readonly world: World,
    workload: Workload,
    { keys, court, params, seats }: Pick<SimulatedNetwork, "keys" | "court" | "params" | "seats">,
    private readonly isFaulty: () => boolean,
  ) {
    this.keys = keys;
    this.network = court;
    this.traders = new Traders(
      {
        params,
        idOf: (host) => this.idOf(host),
        ask: (host, command) => this.ask(host, command),
        force: (host, bodies) => this.force(host.index, bodies, FORCED_FEE),
        after: (ms, go) => world.agenda.after(ms, go),
      },
      seats.length,
    );
    this.plans = new Map(workload.auctions.map((plan) => [plan.name, plan]));
    for (const plan of workload.auctions) world.agenda.at(plan.atMs, () => this.open(plan));
    for (const plan of workload.payments) world.agenda.at(plan.atMs, () => this.pay(plan));
  }

  noticed(host: Host, notice: Notice): void {
    if (notice.kind === "auctionOpened") {
      const auction = toHex(notice.auction);
      this.names.set(auction, notice.lot.capability);
      this.bid(host, notice.auction);
    } else if (notice.kind === "trade") {
      const { delivery } = this.plans.get(notice.trade.capability) ?? { delivery: null };
      if (delivery !== null) this.traders.noticed(host, delivery, notice.trade);
    } else if (notice.kind === "bidCommitted") {
      const plan = this.planOf(toHex(notice.auction), host);
      const isOwn = toHex(notice.bidder) === toHex(this.idOf(host.index));
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
    const { amount, units, delayMs, isWithheld } = plan;
    const bid = { auction, host: host.index, amount, isWithheld };
    this.placed.set(key, [...(this.placed.get(key) ?? []), bid]);
    const from = this.idOf(host.index);
    this.ask(host, { kind: "placeBid", from, auction, amount, units, lockup: null, delayMs });
  }

  private open(plan: AuctionPlan): void {
    const { format, direction, startInMs, commitMs, revealMs, reserve, lockups } = plan;
    const { hiddenReserve, bond, standingWeight, delivery } = plan;
    const lot = { capability: plan.name, units: plan.units, fromMs: null, toMs: this.lapseOf(plan) };
    this.ask(this.world.hosts[plan.creator]!, {
      kind: "createAuction",
      from: this.idOf(plan.creator),
      format: { kind: format },
      direction,
      lot,
      reserve,
      lockups,
      startInMs,
      commitMs,
      revealMs,
      hiddenReserve,
      bond,
      standingWeight,
      ...(delivery === null ? PAID_AT_ONCE : termsOf(delivery, plan)),
    });
  }

  /** Ledger time: what a right clock shows now, and from here on as long as the lot is to last. */
  private lapseOf({ lapsesInMs, startInMs, commitMs, revealMs }: AuctionPlan): number | null {
    if (lapsesInMs === null) return null;
    return Math.round(this.world.rightMs + startInMs + commitMs + revealMs + lapsesInMs);
  }

  private pay(plan: PaymentPlan): void {
    const { kind, from, to, amount } = plan;
    if (kind === "overdraft") this.overdraw(plan);
    else if (kind === "overreach")
      this.force(from, [{ kind: "unbond", amount: FREE_STAKE + amount }], FORCED_FEE);
    else
      this.ask(
        this.world.hosts[from]!,
        this.wishOf({ kind, from: this.idOf(from), to: this.idOf(to), amount }),
      );
  }

  private wishOf({ kind, from, to, amount }: Wish): Command {
    if (kind === "transfer") return { kind, from, to, amount };
    if (kind === "grant") return { kind, from, to, free: amount, stake: amount / 2n };
    return { kind, from, amount };
  }

  /** Payments whose fees its funds cover one by one and not together, so that whoever orders by what is declared is paid once. */
  private overdraw({ from, to, amount }: PaymentPlan): void {
    const body = { kind: "transfer", to: this.idOf(to), amount } as const;
    this.force(
      from,
      Array.from({ length: OVERDRAFTS }, () => body),
      OVERDRAFT_FEE,
    );
  }

  /** Sends operations past the agent's own peer, which would refuse them. */
  private force(from: number, bodies: readonly OperationBody[], fee: bigint): void {
    const host = this.world.hosts[from]!;
    const key = this.keys[from]!;
    const account = host.machine?.accounts().find(({ agent }) => agent === toHex(key.publicKey));
    if (account === undefined) return;
    for (const [i, body] of bodies.entries()) {
      const authority = {
        nonce: account.nonces[laneOf(body.kind)] + i,
        fee,
        validUntilMs: Math.round(this.world.rightMs) + FORCED_MS,
      };
      this.world.publish(host, "ops", encodeOperation(signOperation(this.network, authority, body, key)));
    }
  }

  private idOf(host: number): Uint8Array {
    return this.keys[host]!.publicKey;
  }

  /** Asked outside of the step that is running, as a program would. */
  private ask(host: Host, command: Command): void {
    const ref = ++this.commands;
    this.world.agenda.after(0, () => host.deliver({ kind: "command", ref, command }, 0));
  }

  private planOf(auction: Hex, host: Host): BidPlan | null {
    const plan = this.plans.get(this.names.get(auction) ?? "");
    return plan?.bids.find((bid) => bid.host === host.index) ?? null;
  }
}

/** A sale by units declares what it is worth at most: as much as one lockup covers. */
const termsOf = (
  { deliverMs, settleMs }: DeliveryPlan,
  { format, direction, lockups }: AuctionPlan,
): { readonly deliverMs: number; readonly settleMs: number; readonly value: bigint | null } => ({
  deliverMs,
  settleMs,
  value: FORMATS[format].isDivisible && direction === "sell" ? lockups.at(-1)! : null,
});
