// Anthropic's answers: a message, or events of which each usage says what there is so far.
import { type Listener, modelIn, sumOf } from "../../answer-reader.js";
import type { Failure, Fields, Usage } from "../../dialect.js";
import type { Found } from "../../json-found.js";
import { at, countAt, isObject } from "../../json-value.js";
import { Wanted } from "../../json-wanted.js";
import { failureOfError } from "./failures.js";

/** Events of a message that has not begun to answer. */
const PREAMBLE: ReadonlySet<string> = new Set(["message_start", "ping", "error"]);
const TEXTS = ["text", "thinking", "partial_json"];

const MODELS = ["model", "message.model"];

const WANTED = new Wanted({
  kept: ["type", "error", "usage", "message.usage", ...MODELS],
  probed: ["content"],
  counted: TEXTS,
});

export class AnthropicListener implements Listener {
  readonly wanted = WANTED;
  /** the counts that were told last, each on its own: later events name fewer */
  private told: Told | null = null;
  isUsageFinal = false;
  failure: Failure | null = null;
  hasContent = false;
  contentChars = 0;
  model: string | null = null;

  /** @param fields of the answer: where it is an error after all, they say how long to wait */
  constructor(
    private readonly fields: Fields,
    private readonly nowMs: number,
  ) {}

  get usage(): Usage | null {
    if (this.told === null) return null;
    const { input, cacheRead, cacheWrite, cacheWriteHour, output } = this.told;
    return {
      freshInput: input,
      cacheRead,
      cacheWrite,
      cacheWriteHour: Math.min(cacheWrite, cacheWriteHour),
      output,
    };
  }

  hear(found: Found, event: string): boolean {
    this.model ??= modelIn(found, MODELS);
    const type = found.kept.get("type")?.value;
    if (type === "error" || event === "error") {
      this.failure ??= failureOfError(found.kept.get("error")?.value, this.fields, this.nowMs);
      return false;
    }
    if (typeof type !== "string") return false;
    this.take(found.kept.get("message.usage")?.value);
    // what the beginning says of the output is a beginning
    if (this.take(found.kept.get("usage")?.value)) this.isUsageFinal = true;
    this.hasContent ||= !PREAMBLE.has(type);
    this.contentChars += this.charsIn(found);
    return false;
  }

  charsIn({ counts }: Found): number {
    return sumOf(counts, TEXTS);
  }

  /** @returns whether there was anything */
  private take(usage: unknown): boolean {
    if (!isObject(usage)) return false;
    const before = this.told ?? NOTHING;
    this.told = {
      input: countAt(usage, "input_tokens") ?? before.input,
      cacheRead: countAt(usage, "cache_read_input_tokens") ?? before.cacheRead,
      cacheWrite: countAt(usage, "cache_creation_input_tokens") ?? before.cacheWrite,
      cacheWriteHour:
        countAt(at(usage, "cache_creation"), "ephemeral_1h_input_tokens") ?? before.cacheWriteHour,
      output: countAt(usage, "output_tokens") ?? before.output,
    };
    return true;
  }
}

interface Told {
  /** cache counts are beside it */
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly cacheWriteHour: number;
  /** all so far, not what is new */
  readonly output: number;
}

const NOTHING: Told = { input: 0, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output: 0 };
