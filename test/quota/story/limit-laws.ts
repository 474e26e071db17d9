// What a pool should count of its limits and what the upstream does, in the dullest way: limit, account, work, kept.
import type { Band, Limit, Taken, Use } from "../../../src/quota/index.js";
import { type Arrival, DullLimit } from "../dull-limit.js";
import { Broken } from "./law.js";
import { nameOf, type Request, type Scene, WHOLE_BP } from "./scene.js";

/** So long after it asked last something is left to the interactive band. */
const INTERACTIVE_MS = 600_000;

type Arrivals = Map<DullLimit, Arrival[]>;

export class LimitLaws {
  private ours: DullLimit[];
  private theirs: DullLimit[];
  /** what requests that run hold of each limit */
  private readonly arrivals = new Map<string, Arrivals>();
  /** when the interactive band asked last */
  private interactiveMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly scene: Scene) {
    this.ours = scene.limits.map((limit) => new DullLimit(limit, 0));
    this.theirs = scene.limits.map((limit) => new DullLimit(limit, 0));
  }

  asked(band: Band, atMs: number): void {
    if (band === "interactive") this.interactiveMs = atMs;
  }

  begun(request: Request): void {
    const { scene } = this;
    const { ask, actual, known } = request;
    this.arrivals.set(ask.id, new Map());
    for (const limit of this.theirs) {
      const { sent, written } = scene.count(limit.limit, actual);
      const isOver = !limit.hasRoom(sent + written, WHOLE_BP, scene.nowMs);
      if (sent + written > 0 && isOver) throw new Broken("limit", nameOf(limit.limit));
      this.reserve(limit, request, actual);
    }
    const isKept = ask.band === "interactive" || this.fits(known, this.keptBp);
    if (!isKept) throw new Broken("kept", `${ask.band} took it`);
    for (const limit of this.ours) this.reserve(limit, request, known);
  }

  heard(request: Request): void {
    for (const limit of this.ours)
      this.amend(limit, request, this.scene.count(limit.limit, request.known).sent);
  }

  settled(request: Request): void {
    const { scene } = this;
    const counted = scene.countedOf(request);
    for (const limit of this.ours) {
      const { sent, written } = scene.count(limit.limit, counted);
      limit.held -= scene.count(limit.limit, request.known).written;
      this.amend(limit, request, sent);
      limit.arrive(written, scene.nowMs);
    }
    for (const limit of this.theirs) this.write(limit, request);
    this.arrivals.delete(request.ask.id);
  }

  relimited(): void {
    this.ours = this.others(this.ours, ({ known }) => known);
    this.theirs = this.others(this.theirs, ({ actual }) => actual);
  }

  /** The process ends. The upstream writes on; that it may have been cut off is not known here. */
  restarted(): void {
    for (const limit of this.theirs)
      for (const request of this.scene.running.values()) this.write(limit, request);
    this.arrivals.clear();
    this.interactiveMs = Number.NEGATIVE_INFINITY;
    this.ours = this.scene.limits.map((limit) => new DullLimit(limit, 0));
  }

  recalledTaken(taken: readonly Taken[], atMs: number): void {
    this.ours.forEach((limit, at) => {
      limit.arrive(taken[at]!.taken, atMs);
    });
  }

  recalled(use: Use, atMs: number): void {
    for (const limit of this.ours) {
      const { sent, written } = this.scene.count(limit.limit, use);
      limit.arrive(sent + written, atMs);
    }
  }

  /** @param taken of each limit, as the pool says */
  seeAccounts(taken: readonly Taken[]): void {
    this.ours.forEach((limit, at) => {
      const [is, ought] = [taken[at]?.taken, limit.takenAt(this.scene.nowMs)];
      if (is !== ought) throw new Broken("account", `${nameOf(limit.limit)} ${is} instead of ${ought}`);
    });
  }

  seeWork(): void {
    const { waiting } = this.scene;
    if (waiting.size === 0) return;
    const levels = this.ours.map((limit) => limit.levelAt(this.scene.nowMs));
    const { keptBp } = this;
    const mayGo = ({ ask }: Request) =>
      this.fits(ask.estimate, ask.band === "interactive" ? 0 : keptBp, levels);
    if ([...waiting.values()].every(mayGo)) throw new Broken("work", "all fit, and wait");
  }

  /** Of the limits the first that never has room for a use. */
  tooSmall(use: Use): Limit | undefined {
    const { limits, nowMs } = this.scene;
    return limits.find((limit) => {
      const { sent, written } = this.scene.count(limit, use);
      return !new DullLimit(limit, nowMs).hasRoom(sent + written, this.usedBp, nowMs);
    });
  }

  private get usedBp(): number {
    return WHOLE_BP - this.scene.rules.headroomBp;
  }

  private get keptBp(): number {
    const isOneThatAsks = this.scene.nowMs < this.interactiveMs + INTERACTIVE_MS;
    return isOneThatAsks ? this.scene.rules.interactiveBp : 0;
  }

  private fits(use: Use, keptBp: number, levels: readonly number[] = []): boolean {
    const { nowMs } = this.scene;
    return this.ours.every((limit, at) => {
      const { sent, written } = this.scene.count(limit.limit, use);
      return limit.hasRoom(sent + written, this.usedBp, nowMs, levels[at] ?? limit.levelAt(nowMs), keptBp);
    });
  }

  private others(before: readonly DullLimit[], useOf: (one: Request) => Use | null): DullLimit[] {
    return this.scene.limits.map((limit) => {
      const known = before.find((one) => nameOf(one.limit) === nameOf(limit));
      known?.relimit(limit, this.scene.nowMs);
      if (known !== undefined) return known;
      const added = new DullLimit(limit, this.scene.nowMs);
      for (const request of this.scene.running.values()) this.reserve(added, request, useOf(request));
      return added;
    });
  }

  private reserve(limit: DullLimit, { ask }: Request, use: Use | null): void {
    const { sent, written } = this.scene.count(limit.limit, use);
    limit.held += written;
    this.arrivals.get(ask.id)!.set(limit, [limit.arrive(sent, this.scene.nowMs)]);
  }

  /** Upstream, what it held for its output arrives. */
  private write(limit: DullLimit, { actual }: Request): void {
    const { written } = this.scene.count(limit.limit, actual);
    limit.held -= written;
    limit.arrive(written, this.scene.nowMs);
  }

  /** Less counts as if it had been known when it came, what came last first; more from now on. */
  private amend(limit: DullLimit, { ask }: Request, amount: number): void {
    const own = this.arrivals.get(ask.id)!.get(limit)!;
    let less = own.reduce((sum, one) => sum + one.amount, -amount);
    if (less < 0) own.push(limit.arrive(-less, this.scene.nowMs));
    for (const one of own.toReversed()) {
      const part = Math.min(Math.max(0, less), one.amount);
      one.amount -= part;
      less -= part;
    }
  }
}
