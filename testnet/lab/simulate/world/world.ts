// A network of simulated hosts in virtual time: it carries what they say, and tells witnesses what it saw.
import { GROUP_MS } from "../../../../node/driver/group-size.js";
import { weightOf } from "../../../../node/driver/message-weight.js";
import { NETWORK_LIMITS } from "../../../../node/net/limits.js";
import { type Bytes, unreachable } from "../../../../src/base/index.js";
import type { Notice, Outgoing, Ready, Topic } from "../../../../src/peer/ready.js";
import type { QuorumMessage } from "../../../../src/quorum/index.js";
import { COST_US, frameUs } from "../costs.js";
import type { Boot, Happening } from "../machine.js";
import { Agenda } from "./agenda.js";
import { MachineClock } from "./clock.js";
import { SeenMessages } from "./gossip.js";
import { HistoryHash } from "./history.js";
import { type CrashPoint, Host } from "./host.js";
import { Links, type Weather } from "./links.js";
import { serveLog } from "./log-server.js";
import type { Random } from "./random.js";

/** Something said, and how much later than the honest moment. */
export interface Speech {
  readonly outgoing: Outgoing;
  readonly afterMs: number;
}

/** A member that does not follow the rules: it stands between an honest machine and the network. */
export interface Tamper {
  /** what is said in place of what the machine wanted to say */
  speak(outgoing: readonly Outgoing[], nowMs: number): readonly Speech[];
  /** what is said on hearing a message, apart from what the machine makes of it */
  hear(message: QuorumMessage, nowMs: number): readonly Speech[];
}

/** Whoever watches a world. Witnesses change nothing. */
export interface Witness {
  /** a machine has answered an event; nothing of its answer is durable or audible yet */
  stepped?(host: Host, ready: Ready): void;
  sent?(host: Host, outgoing: Outgoing): void;
  /** a message reaches a host that is up */
  heard?(host: Host, message: QuorumMessage): void;
  noticed?(host: Host, notice: Notice): void;
  crashed?(host: Host, point: CrashPoint): void;
  /** the disk was full, and the process ended */
  filled?(host: Host): void;
  /** the store was damaged, and put aside at the start */
  gaveUpStore?(host: Host): void;
  started?(host: Host): void;
  failed?(host: Host, happening: Happening, error: unknown): void;
}

export interface HostPlan {
  readonly boot: Boot;
  readonly seat: number | null;
  readonly clockOffsetMs: number;
  /** by how many millionths its clock runs fast; absent: none */
  readonly driftPpm?: number;
  readonly syncMs: number;
  /** how fast its CPU is; absent: work takes no time */
  readonly speed?: number | null;
  /** how long one group of the driver's events is to be stepped; absent: as the daemon has it */
  readonly groupMs?: number;
  readonly tamper: Tamper | null;
}

/** What one connection holds that its reader has not read: of gossip the newest is dropped then, as gossipsub's writer does. */
const GOSSIP_LINK_BYTES = 1024 * 1024;
const MEMBER_LINK_BYTES = NETWORK_LIMITS.memberQueueBytes;

export interface WorldPlan {
  readonly random: Random;
  readonly weather: Weather;
  /** what a right clock shows at virtual time 0 */
  readonly epochMs: number;
  readonly hosts: readonly HostPlan[];
}

export class World {
  readonly agenda = new Agenda();
  readonly links: Links;
  readonly hosts: readonly Host[];
  readonly history = new HistoryHash();
  readonly witnesses: Witness[] = [];
  private readonly seen: SeenMessages;
  /** the hosts of each seat: one, or two that share its key */
  private readonly seats = new Map<number, number[]>();
  private readonly choice: Random;

  constructor(private readonly plan: WorldPlan) {
    this.choice = plan.random.branch("choice");
    this.links = new Links(plan.hosts.length, plan.random.branch("links"), plan.weather);
    this.seen = new SeenMessages(plan.hosts.length);
    plan.hosts.forEach(({ seat }, index) => {
      if (seat !== null) this.seats.set(seat, [...(this.seats.get(seat) ?? []), index]);
    });
    this.hosts = plan.hosts.map(({ boot, clockOffsetMs, driftPpm, syncMs, speed, groupMs }, index) => {
      const clock = new MachineClock(plan.epochMs + clockOffsetMs, driftPpm ?? 0, () => this.agenda.nowMs);
      const config = { index, boot, clock, syncMs, speed: speed ?? null, groupMs: groupMs ?? GROUP_MS };
      return new Host(config, this.agenda, plan.random.branch(`host-${index}`), {
        stepped: (host, ready) => {
          for (const witness of this.witnesses) witness.stepped?.(host, ready);
        },
        send: (host, ready, limit) => this.send(host, ready, limit),
        notify: (host, ready) => this.notify(host, ready),
        crashed: (host, point) => this.crashed(host, point),
        started: (host) => this.started(host),
        filled: (host) => {
          for (const witness of this.witnesses) witness.filled?.(host);
        },
        gaveUpStore: (host) => {
          for (const witness of this.witnesses) witness.gaveUpStore?.(host);
        },
        failed: (host, happening, error) => {
          for (const witness of this.witnesses) witness.failed?.(host, happening, error);
        },
      });
    });
  }

  /** What a right clock shows. */
  get rightMs(): number {
    return this.plan.epochMs + this.agenda.nowMs;
  }

  /** Gossip that a program beside a host's process says, of which its machine knows nothing. */
  publish(host: Host, topic: Topic, bytes: Bytes): void {
    if (host.isUp) this.carry(host, { to: "topic", topic, bytes });
  }

  /** Links between both hosts work in both directions: each is told, as after a new connection. */
  reconnect(a: Host, b: Host): void {
    a.deliver({ kind: "connected", from: nameOf(b.index) }, 0);
    b.deliver({ kind: "connected", from: nameOf(a.index) }, 0);
  }

  private send(host: Host, ready: Ready, limit: number): void {
    const said = limit === ready.send.length ? ready.send : ready.send.slice(0, limit);
    this.history.ready(host.index, this.agenda.nowMs, ready, limit);
    this.speak(host, said);
  }

  private speak(host: Host, said: readonly Outgoing[]): void {
    const tamper = this.plan.hosts[host.index]!.tamper;
    if (tamper === null) for (const outgoing of said) this.carry(host, outgoing);
    else this.utter(host, tamper.speak(said, host.clockMs));
  }

  private utter(host: Host, speeches: readonly Speech[]): void {
    for (const { outgoing, afterMs } of speeches) {
      if (afterMs === 0) this.carry(host, outgoing);
      else this.agenda.after(afterMs, () => host.isUp && this.carry(host, outgoing));
    }
  }

  private carry(host: Host, outgoing: Outgoing): void {
    for (const witness of this.witnesses) witness.sent?.(host, outgoing);
    switch (outgoing.to) {
      case "members":
        for (const seat of this.seats.keys()) this.toSeat(host, seat, outgoing.message);
        return;
      case "seat":
        this.toSeat(host, outgoing.seat, outgoing.message);
        return;
      case "peer":
        this.toHost(host, indexOf(outgoing.peer), outgoing.message);
        return;
      case "anyone":
        this.toAnyone(host, outgoing.message);
        return;
      case "topic":
        this.seen.isNews(host.index, outgoing.topic, outgoing.bytes, this.agenda.nowMs);
        host.machine?.published(outgoing.topic, outgoing.bytes);
        this.flood(host, null, outgoing.topic, outgoing.bytes);
        return;
      default:
        unreachable(outgoing);
    }
  }

  private toSeat(from: Host, seat: number, message: QuorumMessage): void {
    if (seat === this.plan.hosts[from.index]!.seat) return;
    for (const index of this.seats.get(seat) ?? []) this.toHost(from, index, message);
  }

  private toAnyone(host: Host, message: QuorumMessage): void {
    const others = this.hosts.filter(
      (other) => other !== host && other.isUp && this.links.hears(other.index, host.index),
    );
    if (others.length > 0) this.toHost(host, this.choice.pick(others).index, message);
  }

  private toHost(from: Host, to: number, message: QuorumMessage): void {
    const host = this.hosts[to]!;
    const { seat } = this.plan.hosts[from.index]!;
    const event: Happening = { kind: "message", from: nameOf(from.index), seat, message };
    from.spend(frameUs(message, COST_US.frameWrite));
    for (const atMs of this.links.arrivals(from.index, to, this.agenda.nowMs + from.aheadMs)) {
      this.agenda.at(atMs, () => this.come(host, from, event, message));
    }
  }

  private come(host: Host, from: Host, event: Happening, message: QuorumMessage): void {
    const us = frameUs(message, COST_US.frameRead);
    const read = (): void => this.arrive(host, from, event, message);
    host.read(`member ${from.index}`, weightOf(message), MEMBER_LINK_BYTES, us, read);
  }

  private arrive(host: Host, from: Host, event: Happening, message: QuorumMessage): void {
    if (!host.isUp) return;
    if (message.kind === "getLog") {
      this.speak(host, [{ to: "peer", peer: nameOf(from.index), message: serveLog(host.disk, message) }]);
      return;
    }
    this.history.arrival(host.index, this.agenda.nowMs, message.kind);
    for (const witness of this.witnesses) witness.heard?.(host, message);
    if (message.kind === "op") this.handOver(host, from, message.op);
    else host.deliver(event, weightOf(message));
    const tamper = this.plan.hosts[host.index]!.tamper;
    if (tamper !== null && host.isUp) this.utter(host, tamper.hear(message, host.clockMs));
  }

  private handOver(host: Host, from: Host, bytes: Bytes): void {
    host.spend(COST_US.judging);
    host.machine!.receive({ from: nameOf(from.index), topic: "ops", bytes, gossiped: false }, () => {});
  }

  private flood(from: Host, except: number | null, topic: Topic, bytes: Bytes): void {
    for (const to of this.hosts) {
      if (to === from || to.index === except) continue;
      from.spend(COST_US.gossipWrite);
      for (const atMs of this.links.arrivals(from.index, to.index, this.agenda.nowMs + from.aheadMs)) {
        this.agenda.at(atMs, () => {
          const read = (): void => this.hearGossip(to, from.index, topic, bytes);
          to.read(nameOf(from.index), bytes.length, GOSSIP_LINK_BYTES, COST_US.gossipRead, read);
        });
      }
    }
  }

  private hearGossip(host: Host, from: number, topic: Topic, bytes: Bytes): void {
    if (host.machine === null || !this.seen.isNews(host.index, topic, bytes, this.agenda.nowMs)) return;
    host.spend(COST_US.judging);
    host.machine.receive({ from: nameOf(from), topic, bytes, gossiped: true }, (isAccepted) => {
      if (!isAccepted) return;
      this.history.arrival(host.index, this.agenda.nowMs, topic);
      this.flood(host, from, topic, bytes);
    });
  }

  private notify(host: Host, ready: Ready): void {
    for (const notice of ready.notify) {
      for (const witness of this.witnesses) witness.noticed?.(host, notice);
    }
  }

  private crashed(host: Host, point: CrashPoint): void {
    this.seen.forget(host.index);
    for (const witness of this.witnesses) witness.crashed?.(host, point);
  }

  private started(host: Host): void {
    for (const witness of this.witnesses) witness.started?.(host);
    for (const other of this.hosts) {
      if (other === host || !other.isUp) continue;
      if (this.links.hears(other.index, host.index) && this.links.hears(host.index, other.index)) {
        this.reconnect(host, other);
      }
    }
  }
}

export const nameOf = (index: number): string => `peer-${index}`;
const indexOf = (name: string): number => Number(name.slice("peer-".length));
