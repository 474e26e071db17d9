// The upstream's prompt cache: which beginnings of prompts it has read lately, block by block.
import { createHash } from "node:crypto";
import { Random } from "../lab/simulate/world/random.js";
import { CHARS_PER_TOKEN, tokensIn } from "./passage.js";

export interface CacheRules {
  /** how long a beginning is kept after it was last read */
  readonly keptMs: number;
  /** tokens: shorter beginnings are not kept */
  readonly least: number;
  /** 0..1: how often nothing is found although it was kept, as where a request lands on another machine */
  readonly missChance: number;
}

export interface Found {
  /** tokens of the longest beginning that was kept */
  readonly tokens: number;
  /** tokens of all that may be kept; 0: it is too short */
  readonly whole: number;
  /** a hash of each block with all before it */
  readonly beginnings: readonly string[];
}

/** Tokens of a block: what is found ends at a whole number of them. */
const BLOCK = 128;
const BLOCK_CHARS = BLOCK * CHARS_PER_TOKEN;

export class PromptCache {
  /** by the hash of a beginning: when it is forgotten; the oldest first */
  private readonly kept = new Map<string, number>();

  constructor(
    private readonly rules: CacheRules,
    private readonly seed: number,
  ) {}

  /**
   * Looks for a text's beginnings; keeps nothing.
   * @param scope whose text it is: a key and a model
   * @param text as much of it as may be kept
   * @param name what the draws are by
   */
  find(scope: string, text: string, name: string, nowMs: number): Found {
    this.forget(nowMs);
    const blocks = Math.floor(text.length / BLOCK_CHARS);
    if (blocks * BLOCK < this.rules.least) return { tokens: 0, whole: 0, beginnings: [] };
    const beginnings = beginningsOf(scope, text, blocks);
    const unknown = beginnings.findIndex((hash) => !this.kept.has(hash));
    const found = unknown === -1 ? blocks : unknown;
    const isMissed = new Random(this.seed, `miss/${name}`).chance(this.rules.missChance);
    const tokens = isMissed || found * BLOCK < this.rules.least ? 0 : found * BLOCK;
    return { tokens, whole: tokensIn(text.length), beginnings };
  }

  keep({ beginnings }: Found, nowMs: number): void {
    for (const hash of beginnings) {
      this.kept.delete(hash);
      this.kept.set(hash, nowMs + this.rules.keptMs);
    }
  }

  private forget(nowMs: number): void {
    for (const [hash, untilMs] of this.kept) {
      if (untilMs > nowMs) return;
      this.kept.delete(hash);
    }
  }
}

function beginningsOf(scope: string, text: string, blocks: number): string[] {
  const beginnings: string[] = [];
  let before = scope;
  for (let block = 0; block < blocks; block++) {
    const own = text.slice(block * BLOCK_CHARS, (block + 1) * BLOCK_CHARS);
    before = createHash("sha1").update(before).update(own).digest("base64");
    beginnings.push(before);
  }
  return beginnings;
}
