// What each flow is entitled to of one limit, and what is left of it: told to clients, so that they pace themselves.
import { type Dimension, inAll, type Use } from "./amounts.js";
import type { Bucket } from "./bucket.js";
import { least, up } from "./whole.js";

/** A flow's part of a limit: whole units. */
export interface FlowShare {
  readonly dimension: Dimension;
  /** its part a window, ≥ 1: by its weight among flows that were there within a window, itself included */
  readonly limit: number;
  /** of its part, 0 to limit; what it borrows beyond is not held against it */
  readonly remaining: number;
  /** until all of its part is back, 0 to windowMs */
  readonly resetMs: number;
  readonly windowMs: number;
}

/** What a flow that is there is known by. */
interface Member {
  weight: number;
  /** how many of its requests wait or run: as long as there are any, it is there */
  open: number;
  lastMs: number;
  /** when all of its part is back if nothing more is used, in parts of a millisecond */
  backAt: bigint;
}

/** What a reservation took of a flow's part: of the time until all of it is back, and how much there was to take. */
export interface TakenPart {
  readonly time: bigint;
  readonly room: bigint;
}

/** Parts of a millisecond. */
const PARTS = 1n << 20n;
/** Where more are there, those of which nothing waits or runs go before their window is over: a day's is long, and names may be made up. */
const MOST_THERE = 10_000;

export class Share {
  /** those that were there last at the end */
  private readonly members = new Map<string, Member>();
  private weights = 0;

  constructor(readonly bucket: Bucket) {}

  /** A flow asks, runs or is done. @param opened how many more of its requests wait or run now */
  meet(flow: string, weight: number, opened: -1 | 0 | 1, nowMs: number): void {
    this.part(nowMs);
    const backAt = BigInt(nowMs) * PARTS;
    const member = this.members.get(flow) ?? { weight: 0, open: 0, lastMs: nowMs, backAt };
    this.weights += weight - member.weight;
    member.weight = weight;
    member.open += opened;
    member.lastMs = nowMs;
    this.members.delete(flow);
    this.members.set(flow, member);
  }

  /** A flow that is there uses so much of its part, or what is left of it. */
  take(flow: string, use: Use, nowMs: number): TakenPart {
    const member = this.members.get(flow)!;
    const back = this.backOf(member, nowMs);
    const room = this.window - back;
    const time = least(this.timeOf(use, member.weight), room);
    member.backAt = BigInt(nowMs) * PARTS + back + time;
    return { time, room };
  }

  /** What it took was another use. @param used null: none */
  retake(flow: string, taken: TakenPart, used: Use | null, nowMs: number): TakenPart {
    const member = this.members.get(flow)!;
    const time = used === null ? 0n : least(this.timeOf(used, member.weight), taken.room);
    const back = this.backOf(member, nowMs) + time - taken.time;
    member.backAt = BigInt(nowMs) * PARTS + least(back, this.window);
    return { ...taken, time };
  }

  /** A flow that is not there is told what it would have if it came, by a weight of 1. */
  of(flow: string, nowMs: number): FlowShare {
    this.part(nowMs);
    const { dimension, windowMs } = this.bucket.limit;
    const member = this.members.get(flow);
    const { above, below } = this.entitled(member?.weight ?? 1, member === undefined ? 1 : 0);
    const back = member === undefined ? 0n : this.backOf(member, nowMs);
    const limit = above / below;
    const used = up(above * back, below * this.window);
    const remaining = used >= limit ? 0n : limit - used;
    return {
      dimension,
      limit: Number(limit),
      remaining: Number(remaining),
      resetMs: Number(up(back, PARTS)),
      windowMs,
    };
  }

  private get window(): bigint {
    return BigInt(this.bucket.limit.windowMs) * PARTS;
  }

  /** Until all of its part is back, 0 to a window. */
  private backOf({ backAt }: Member, nowMs: number): bigint {
    const back = backAt - BigInt(nowMs) * PARTS;
    return back < 0n ? 0n : least(back, this.window);
  }

  /** In how much time so much comes back to a flow. */
  private timeOf(use: Use, weight: number): bigint {
    const { above, below } = this.entitled(weight, 0);
    return (BigInt(inAll(this.bucket.limit.dimension, use)) * this.window * below) / above;
  }

  /** A part as a fraction; at least one unit. @param besides weight that comes on top of all that are there */
  private entitled(weight: number, besides: number): { readonly above: bigint; readonly below: bigint } {
    const above = BigInt(this.bucket.own) * BigInt(weight);
    const below = BigInt(this.weights + besides);
    return above < below ? { above: 1n, below: 1n } : { above, below };
  }

  /** Whoever has had nothing waiting or running for a window is not there any more. */
  private part(nowMs: number): void {
    for (const [flow, member] of this.members) {
      const isCrowded = this.members.size > MOST_THERE && member.lastMs < nowMs;
      if (!isCrowded && nowMs - member.lastMs < this.bucket.limit.windowMs) return;
      this.members.delete(flow);
      if (member.open === 0) this.weights -= member.weight;
      else {
        member.lastMs = nowMs;
        this.members.set(flow, member);
      }
    }
  }
}
