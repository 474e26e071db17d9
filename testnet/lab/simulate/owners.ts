// Owners and their children carry out what a scenario has them do: by the peers that hold their keys, and past them.
import { type Hex, toHex, utf8 } from "../../../src/base/index.js";
import { type AgentKey, taggedHash } from "../../../src/crypto/index.js";
import type { Network } from "../../../src/ledger/index.js";
import {
  agreedBudget,
  encodeOperation,
  FORMATS,
  laneOf,
  type OperationBody,
  PAID_AT_ONCE,
  RECOVERY_BYTES,
  signOperation,
} from "../../../src/market/index.js";
import type { Command } from "../../../src/peer/event.js";
import type { Notice } from "../../../src/peer/ready.js";
import type { BudgetDeed, BudgetPlan, Party } from "./budget-plan.js";
import type { AuctionPlan } from "./workload.js";
import type { Host } from "./world/host.js";
import type { Witness, World } from "./world/world.js";

/** How long what goes past its own peer is valid, and what it pays. */
const FORCED_MS = 60_000;
const FORCED_FEE = 1_000_000n;
/** To how many peers a burst goes, and in how many auctions it bids. */
const BURST_PEERS = 3;
const BURST_AUCTIONS = 3;
/** Asked by others, commands have lower numbers. */
const FIRST_REF = 1_000_000_000;

type Opened = Extract<Notice, { readonly kind: "auctionOpened" }>;

export class Owners implements Witness {
  private readonly open = new Map<Hex, Opened>();
  private readonly bade = new Set<string>();
  private commands = FIRST_REF;
  private bursts = 0;
  /** children that wait for an auction to burst into */
  private readonly eager = new Set<number>();

  /** @param keys of the agent of each host @param children those of the plan's */
  constructor(
    private readonly world: World,
    private readonly plan: BudgetPlan,
    private readonly keys: readonly AgentKey[],
    private readonly children: readonly AgentKey[],
    private readonly network: Network,
  ) {
    for (const deed of plan.deeds) world.agenda.at(deed.atMs, () => this.act(deed));
    for (const { child, of } of plan.sales) world.agenda.at(of.atMs, () => this.sell(child, of));
  }

  noticed(host: Host, notice: Notice): void {
    if (notice.kind === "auctionOpened") this.see(host, notice);
    if (notice.kind === "auctionPhase" && notice.phase !== "open") this.open.delete(toHex(notice.auction));
  }

  /** Every home of a child bids as if it were the only one. */
  private see(host: Host, notice: Opened): void {
    const id = toHex(notice.auction);
    this.open.set(id, notice);
    for (const child of this.eager) this.burst(child);
    this.eager.clear();
    for (const { child, auction, amount } of this.plan.bids) {
      const bid = `${host.index}/${child}/${id}`;
      const isHome = this.plan.children[child]!.homes.includes(host.index);
      if (auction !== notice.lot.capability || !isHome || this.bade.has(bid)) continue;
      this.bade.add(bid);
      const units = FORMATS[notice.format].isDivisible ? 1 : null;
      const from = this.children[child]!.publicKey;
      const wish = { auction: notice.auction, amount, units, lockup: null, delayMs: 0 };
      this.ask(host, { kind: "placeBid", from, ...wish });
    }
  }

  private act(deed: BudgetDeed): void {
    const child = this.children[deed.child]!.publicKey;
    const home = this.homeOf(deed.child);
    if (deed.kind === "open") {
      const terms = { ...deed.terms, untilMs: Math.round(this.world.rightMs) + deed.lastsMs };
      const from = this.keyOf(deed.owner).publicKey;
      this.ask(home, { kind: "openBudget", from, child, terms, sent: null });
    } else if (deed.kind === "close") {
      this.ask(home, { kind: "closeBudget", from: this.keyOf(deed.by).publicKey, child });
    } else if (deed.kind === "meddle") {
      this.force(this.keyOf(deed.by), home, [home], { kind: "closeBudget", child }, 0);
    } else if (deed.kind === "replay") this.give(home, this.keyOf(deed.owner), this.children[deed.child]!);
    else if (deed.kind === "circle") this.give(home, this.children[deed.child]!, this.keyOf(deed.owner));
    else if (this.open.size > 0) this.burst(deed.child);
    else this.eager.add(deed.child);
  }

  /** By the first consent of who is given it: new if it never had a budget. */
  private give(home: Host, owner: AgentKey, child: AgentKey): void {
    const most = 1n << 50n;
    const untilMs = Math.round(this.world.rightMs) + 1_000_000;
    const terms = { perAuction: most, perPeriod: most, total: null, untilMs };
    const offered = agreedBudget(this.network, owner.publicKey, { terms, nth: 0 }, child);
    this.force(owner, home, [home], { kind: "openBudget", ...offered }, 0);
  }

  private burst(child: number): void {
    const { hosts } = this.world;
    const home = this.homeOf(child);
    for (const [nth, { auction, lockups }] of [...this.open.values()].slice(0, BURST_AUCTIONS).entries()) {
      for (let i = 0; i < Math.min(BURST_PEERS, hosts.length); i++) {
        const commitment = taggedHash("msg", utf8(`burst ${this.bursts++}`));
        const recovery = new Uint8Array(RECOVERY_BYTES).fill(1);
        const body = { kind: "commit", auction, commitment, lockup: lockups.at(-1)!, recovery } as const;
        this.force(this.children[child]!, home, [hosts[(home.index + i) % hosts.length]!], body, nth);
      }
    }
  }

  private sell(child: number, plan: AuctionPlan): void {
    const { format, direction, reserve, lockups, startInMs, commitMs, revealMs } = plan;
    const { hiddenReserve, bond, standingWeight } = plan;
    this.ask(this.homeOf(child), {
      ...{ kind: "createAuction", from: this.children[child]!.publicKey, format: { kind: format } },
      ...{ direction, lot: { capability: plan.name, units: plan.units, fromMs: null, toMs: null } },
      ...{ reserve, lockups, startInMs, commitMs, revealMs, hiddenReserve, bond, standingWeight },
      ...PAID_AT_ONCE,
    });
  }

  /** Hands in an operation past the peers that hold its sender's key. @param ahead nonces that others of the same moment use */
  private force(key: AgentKey, home: Host, to: readonly Host[], body: OperationBody, ahead: number): void {
    const next = home.machine?.nextNonce(key.publicKey, laneOf(body.kind)) ?? null;
    if (next === null) return;
    const validUntilMs = Math.round(this.world.rightMs) + FORCED_MS;
    const authority = { nonce: next + ahead, fee: FORCED_FEE, validUntilMs };
    const bytes = encodeOperation(signOperation(this.network, authority, body, key));
    for (const host of to) this.world.publish(host, "ops", bytes);
  }

  private homeOf(child: number): Host {
    return this.world.hosts[this.plan.children[child]!.homes[0]!]!;
  }

  private keyOf(party: Party): AgentKey {
    return "child" in party ? this.children[party.child]! : this.keys[party.host]!;
  }

  private ask(host: Host, command: Command): void {
    const ref = ++this.commands;
    this.world.agenda.after(0, () => host.deliver({ kind: "command", ref, command }, 0));
  }
}
