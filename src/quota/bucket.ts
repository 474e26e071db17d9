// One limit as upstreams keep it: what was used flows off continuously, a whole limit in a window.
import { invariant } from "../base/index.js";
import { type Count, countIn, type Limit, type OutputCount, type Use } from "./amounts.js";
import { type Arrived, type Known, PartLevel } from "./part-level.js";
import { BILLIONTHS_A_PART, WHOLE_PARTS } from "./parts.js";
import { atLeast0, least, up } from "./whole.js";

/** Basis points. */
const WHOLE_BP = 10_000;
/** Of a limit that gateways share, what one request may take at most: what they lend flows off on its way. */
const TOGETHER_BP = 9_900;
/** So many windows of a limit are counted for one request, at most, whatever it asked for or is said to have used. */
const MOST_WINDOWS = 2;

/** What a bucket had counted when a request went out: what an answer may be compared with, and what it is settled by. */
export interface Mark {
  /** what counted as it was sent, and what was found out since to count beside that */
  readonly sent: readonly Arrived[];
  readonly written: number;
  readonly known: Known;
}

/** Of a key that several gateways share, one gateway's part of a limit. */
export class Bucket {
  /** what is used, as exactly as it flows off */
  readonly level: PartLevel;
  /** reserved for what is still being written: it flows off only once it is counted as used */
  private held = 0;
  /** left to somebody else of the key, who uses it before an answer tells */
  private ahead = 0;
  /** of the key's limit the most that may be used, in 1/windowMs */
  private mostOfAll = 0n;
  private readonly windowMs: bigint;

  /**
   * @param headroomBp of the limit that is left alone, 0 to 9,999; never the last unit of the key's
   * @param knownFromMs until then what is used and was not counted here may be one's own, of a time before
   * @param parts of 1,000, of the key's limit
   */
  constructor(
    limit: Limit,
    private readonly output: OutputCount,
    private readonly headroomBp: number,
    private readonly knownFromMs = Number.NEGATIVE_INFINITY,
    parts = WHOLE_PARTS,
  ) {
    invariant(headroomBp >= 0 && headroomBp < WHOLE_BP, "headroom is less than all");
    this.level = new PartLevel(limit, parts);
    this.windowMs = BigInt(limit.windowMs);
    this.measure();
  }

  get limit(): Limit {
    return this.level.limit;
  }

  /** Whole units that may be used or reserved of the key's limit, headroom not among them. */
  get whole(): number {
    return Number(this.mostTogether / this.windowMs);
  }

  /** Of these, whole units of one's own part. */
  get own(): number {
    return Number(this.most / this.level.unit);
  }

  /** Another figure from now on; what is used stays used. */
  relimit(limit: Limit, nowMs: number): void {
    this.level.relimit(limit, nowMs);
    this.measure();
  }

  /** Whole units that are used or reserved, rounded up. */
  takenAt(nowMs: number): number {
    this.level.flow(nowMs);
    return Number(up(this.level.used, this.level.unit)) + this.held;
  }

  /** Whether a use fits once nothing else of the key is used or reserved. What others are to lend is a little less as it comes. */
  everFits(use: Use): boolean {
    return BigInt(wholeOf(this.count(use))) * this.windowMs <= this.mostTogether;
  }

  /** Whether it fits once nothing else of one's own part is used or reserved. */
  everFitsHere(use: Use): boolean {
    return this.scaled(wholeOf(this.count(use))) <= this.most;
  }

  /**
   * Milliseconds until a use fits: 0, it does; null: not before something that runs is over, or something is lent.
   * @param keptBp of all that may be used, left to others; of a use for which too little were left, what it leaves. The same goes
   * for what is left to somebody else of the key
   */
  msUntilFits(use: Use, nowMs: number, keptBp = 0): number | null {
    const over = this.over(use, nowMs, keptBp);
    if (over <= 0n) return 0;
    const { used, rate } = this.level;
    return over > used || rate === 0n ? null : Number(up(over, rate));
  }

  /** What is to be lent for a use to fit now: billionths of the key's limit, 0: nothing. */
  shortBy(use: Use, nowMs: number, keptBp = 0): number {
    return this.level.shareOf(atLeast0(this.over(use, nowMs, keptBp)));
  }

  /** What may be lent: billionths of the key's limit. @param keptBp of one's own part, kept back; null: not even headroom is */
  lendable(nowMs: number, keptBp: number | null): number {
    this.level.flow(nowMs);
    const whole = BigInt(this.limit.limit) * this.windowMs * BigInt(this.level.ofWhole);
    const most = keptBp === null ? whole : this.most - this.keptOf(keptBp);
    const room = most - this.scaled(this.held) - this.level.used;
    return Number((atLeast0(room) * BigInt(BILLIONTHS_A_PART)) / (BigInt(this.limit.limit) * this.windowMs));
  }

  /** So many units were used at an earlier time, in all. */
  recallTaken(taken: number, atMs: number): void {
    invariant(this.level.isNew, "what was used is recalled before anything else is");
    this.add(taken, atMs);
  }

  /** Reserves a use: what counts as it is sent is used from now on, first of what was borrowed. */
  reserve(use: Use, nowMs: number): Mark {
    const { sent, written } = this.counted(use);
    this.held += written;
    const arrived = this.level.arrive(sent, nowMs);
    this.level.useCredit(arrived);
    return { sent: [arrived], written, known: this.level.knownBy(nowMs) };
  }

  /** What was reserved is known better: less counts as if it had been known when it was sent, more from now on. */
  correct(mark: Mark, use: Use, nowMs: number): Mark {
    const { sent, written } = this.counted(use);
    this.held += written - mark.written;
    invariant(this.held >= 0, "what is corrected was reserved");
    return { ...mark, sent: this.level.amended(mark.sent, sent, nowMs), written };
  }

  /** What was reserved gives way to what was used, as it is corrected. @param used null: nothing was, not even a request */
  settle(mark: Mark, used: Use | null, nowMs: number): void {
    const { sent, written } = used === null ? NOTHING : this.counted(used);
    this.held -= mark.written;
    invariant(this.held >= 0, "what is settled was reserved");
    for (const arrived of this.level.amended(mark.sent, sent, nowMs)) this.level.close(arrived);
    this.add(written, nowMs);
  }

  /**
   * The upstream says what is used; whatever is beyond what was counted here, and by others of the key, is somebody else's. It counts
   * too, in whole units, at each gateway by its part: what nobody counts yet becomes less with each gateway's answers.
   * @param mark when the request was sent whose answer says so
   * @returns what somebody else must have used
   */
  observe(usedUpstream: number, mark: Mark, nowMs: number): number {
    const foreign = Math.min(usedUpstream, this.mostBelieved) - this.level.knownSince(mark.known);
    if (foreign <= 0) return 0;
    this.add(Math.ceil((foreign * this.level.ofWhole) / WHOLE_PARTS), nowMs);
    return nowMs < this.knownFromMs ? 0 : foreign;
  }

  /** So much is left to somebody else of the key from now on: whole units, ≥ 0, of it one's part. It is not used, nor suspected, before an answer tells of it. */
  leave(ahead: number): void {
    this.ahead = ahead;
  }

  private measure(): void {
    const { limit } = this.limit;
    invariant(Number.isSafeInteger(limit) && limit > 0, "a limit is a whole number above 0");
    const most = (BigInt(limit) * this.windowMs * BigInt(WHOLE_BP - this.headroomBp)) / BigInt(WHOLE_BP);
    this.mostOfAll = most < this.windowMs ? this.windowMs : most;
  }

  /** That several gateways may use at once for one request, in 1/windowMs. */
  private get mostTogether(): bigint {
    if (this.level.ofWhole === WHOLE_PARTS) return this.mostOfAll;
    const most = (BigInt(this.limit.limit) * this.windowMs * BigInt(TOGETHER_BP)) / BigInt(WHOLE_BP);
    return least(this.mostOfAll, most);
  }

  /** Of one's own part, in grains. */
  private get most(): bigint {
    return this.mostOfAll * BigInt(this.level.ofWhole);
  }

  /** By how many grains a use is more than fits; none or less: it does. */
  private over(use: Use, nowMs: number, keptBp: number): bigint {
    this.level.flow(nowMs);
    const own = this.most - this.scaled(wholeOf(this.count(use)));
    const ahead = (this.scaled(this.ahead) * BigInt(this.level.ofWhole)) / BigInt(WHOLE_PARTS);
    const kept = least(this.keptOf(keptBp) + ahead, atLeast0(own));
    return this.level.used - this.level.credit + this.scaled(this.held) + kept - own;
  }

  private keptOf(keptBp: number): bigint {
    return ((this.mostOfAll * BigInt(keptBp)) / BigInt(WHOLE_BP)) * BigInt(this.level.ofWhole);
  }

  private count(use: Use): Count {
    const { sent, written } = countIn(this.limit.dimension, use);
    return this.output === "asked" ? { sent: sent + written, written: 0 } : { sent, written };
  }

  /** Of one request, or of one answer's word about all: more than that would keep everybody away for what may be a lie. */
  private get mostBelieved(): number {
    return MOST_WINDOWS * this.limit.limit;
  }

  private counted(use: Use): Count {
    const { sent, written } = this.count(use);
    const believed = Math.min(sent, this.mostBelieved);
    return { sent: believed, written: Math.min(written, this.mostBelieved - believed) };
  }

  private add(amount: number, nowMs: number): void {
    if (amount > 0) this.level.close(this.level.arrive(amount, nowMs));
  }

  private scaled(amount: number): bigint {
    return BigInt(amount) * this.level.unit;
  }
}

const NOTHING: Count = { sent: 0, written: 0 };

const wholeOf = ({ sent, written }: Count): number => sent + written;
