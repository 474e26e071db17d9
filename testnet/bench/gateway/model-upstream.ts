// The upstream in virtual time: its exact limiter, its prompt cache by figures, and the time a model takes.
import type { Told, Use } from "../../../src/quota/index.js";
import type { Amounts, Dimension, Reading } from "../../upstream/amounts.js";
import type { Limiter } from "../../upstream/limiter.js";
import type { CallFigures } from "../../upstream/load.js";
import { NOTHING } from "./call-record.js";
import type { Conversation } from "./client.js";
import type { Member } from "./crowd.js";
import type { Knock } from "./door.js";
import type { VirtualClock } from "./virtual-clock.js";

/** How an API counts: `together`: prompt and the most that may be written, as it comes; `apart`: input that no cache had, and output as it is written. */
export type Counting = "together" | "apart";

/** What an upstream says to a try. */
export type Served =
  | { readonly kind: "refused"; readonly waitMs: number | null }
  /** let in; `answer` ends with the answer, with what was used of it */
  | {
      readonly kind: "taken";
      readonly answer: Promise<Told>;
      /** how full limits were then, as the answer's first byte tells it */
      readonly readings: readonly Reading[];
    };

/** Told while an answer comes. */
export interface Listener {
  /** its first byte is there */
  begun(): void;
  /** so much is used by now for certain; never told where it makes no difference to limits */
  heard(used: Use): void;
}

const NOBODY: Listener = { begun: () => undefined, heard: () => undefined };

export interface Pace {
  readonly firstByteMs: number;
  readonly tokensPerSecond: number;
}

const CACHE_MS = 300_000;
const CACHE_BLOCK = 128;
const WRITTEN: readonly Dimension[] = ["outputTokens", "tokens"];
/** An answer is counted in so many steps as it is written. */
const STEPS = 4;

export class ModelUpstream {
  /** by conversation: what the cache has of it, and when that was last read */
  private readonly cache = new Map<string, { readonly tokens: number; readonly atMs: number }>();

  constructor(
    private readonly clock: VirtualClock,
    /** null: nothing is limited */
    private readonly limiter: Pick<Limiter, "take" | "add" | "readings"> | null,
    private readonly counting: Counting,
    private readonly pace: Pace,
  ) {}

  serve({ member, lane, call, record }: Knock, listener = NOBODY): Served {
    const nowMs = this.clock.nowMs();
    const conversation = conversationOf(member, lane, call);
    const input = call.promptTokens - (this.counting === "apart" ? this.cachedOf(conversation) : 0);
    const asked = this.asked(call, input);
    const over = this.limiter?.take(asked, nowMs) ?? [];
    if (over.length > 0) {
      record.refusedUpstream += 1;
      return { kind: "refused", waitMs: over[0]!.waitMs };
    }
    record.takenMs = nowMs;
    record.counted = asked;
    this.remember({ member, lane }, call);
    const readings = this.limiter?.readings(nowMs) ?? [];
    return { kind: "taken", answer: this.write(call, record, input, listener), readings };
  }

  /** The cache has a call's prompt from now on. */
  remember({ member, lane }: Conversation, call: CallFigures): void {
    const entry = { tokens: call.promptTokens, atMs: this.clock.nowMs() };
    this.cache.set(conversationOf(member, lane, call), entry);
  }

  private asked(call: CallFigures, input: number): Amounts {
    return this.counting === "together"
      ? { requests: 1, tokens: input + call.maxTokens, inputTokens: input, outputTokens: 0 }
      : { requests: 1, tokens: input + 1, inputTokens: input, outputTokens: 1 };
  }

  private cachedOf(conversation: string): number {
    const known = this.cache.get(conversation);
    if (known === undefined || this.clock.nowMs() - known.atMs > CACHE_MS) return 0;
    return blocksOf(known.tokens);
  }

  private async write(
    call: CallFigures,
    record: Knock["record"],
    inputTokens: number,
    listener: Listener,
  ): Promise<Told> {
    const { outputTokens, promptTokens: prompt } = call;
    const sentMs = this.clock.nowMs();
    const isApart = this.counting === "apart";
    await this.clock.sleep(this.pace.firstByteMs);
    listener.begun();
    if (isApart) listener.heard({ inputTokens, outputTokens: 1 });
    for (let step = 1, written = 1; step <= STEPS; step++) {
      const upTo = Math.max(1, Math.floor((outputTokens * step) / STEPS));
      await this.clock.sleep((1_000 * (upTo - written)) / this.pace.tokensPerSecond);
      if (isApart) this.count(upTo - written, record);
      if (isApart) listener.heard({ inputTokens, outputTokens: upTo });
      written = upTo;
    }
    const kept = isApart ? blocksOf(prompt) : 0;
    return { used: { inputTokens, outputTokens }, prompt, kept, sentMs };
  }

  /** Output is counted as it is written. */
  private count(amount: number, record: Knock["record"]): void {
    const atMs = this.clock.nowMs();
    for (const dimension of WRITTEN) this.limiter?.add(dimension, amount, atMs);
    record.later.push({ atMs, amounts: { ...NOTHING, tokens: amount, outputTokens: amount } });
    const { counted } = record;
    record.counted = {
      ...counted,
      tokens: counted.tokens + amount,
      outputTokens: counted.outputTokens + amount,
    };
  }
}

/** What of a prompt a cache keeps. */
const blocksOf = (tokens: number): number => Math.floor(tokens / CACHE_BLOCK) * CACHE_BLOCK;

const conversationOf = ({ name }: Member, lane: number, { run }: CallFigures): string =>
  `${name}/${lane}/${run}`;
