// OpenAI's answers: usage, errors and content of chat completions, completions, responses and embeddings, whole or streamed.
import { type Listener, modelIn, sumOf } from "../../answer-reader.js";
import type { Failure, Fields, Usage } from "../../dialect.js";
import type { Found } from "../../json-found.js";
import { at, countAt, isObject } from "../../json-value.js";
import { Wanted } from "../../json-wanted.js";
import { failureOfError } from "./failures.js";

/** Events of a response that has not begun to answer. */
const PREAMBLE: ReadonlySet<string> = new Set([
  "response.created",
  "response.in_progress",
  "response.queued",
  "response.failed",
  "error",
]);
const TEXTS = ["content", "reasoning_content", "reasoning", "refusal", "arguments", "text"];

const MODELS = ["model", "response.model"];

const WANTED = new Wanted({
  kept: ["type", "code", "message", "error", "usage", "response.usage", "response.error", ...MODELS],
  probed: ["choices", "output", "data"],
  counted: [...TEXTS, "delta"],
});

export class OpenaiListener implements Listener {
  readonly wanted = WANTED;
  usage: Usage | null = null;
  failure: Failure | null = null;
  hasContent = false;
  contentChars = 0;
  model: string | null = null;

  /** @param fields of the answer: where it is an error after all, they say how long to wait */
  constructor(
    private readonly fields: Fields,
    private readonly nowMs: number,
  ) {}

  /** it is told once, at the end */
  get isUsageFinal(): boolean {
    return this.usage !== null;
  }

  hear(found: Found, event: string): boolean {
    this.model ??= modelIn(found, MODELS);
    const type = found.kept.get("type")?.value;
    if (typeof type === "string" && (type === "error" || type.startsWith("response."))) {
      this.hearOfResponse(found, type);
      return false;
    }
    const error = found.kept.get("error");
    const isError = error !== undefined && error.value !== null;
    if (isError) this.fail(error.value);
    else if (event === "error") this.fail(flatError(found));
    const usage = usageOf(found.kept.get("usage")?.value);
    this.usage = usage ?? this.usage;
    this.hasContent ||= found.isFilled;
    this.contentChars += this.charsIn(found);
    return usage !== null && !isError && found.filled.get("choices") === false;
  }

  private hearOfResponse(found: Found, type: string): void {
    this.usage = usageOf(found.kept.get("response.usage")?.value) ?? this.usage;
    if (type === "error") {
      const error = found.kept.get("error")?.value;
      this.fail(isObject(error) ? error : flatError(found));
    } else if (type === "response.failed") this.fail(found.kept.get("response.error")?.value);
    this.hasContent ||= !PREAMBLE.has(type);
    this.contentChars += this.charsIn(found);
  }

  /** Events of a response tell its content twice: as it comes, and once it is there. */
  charsIn({ kept, counts }: Found): number {
    const type = kept.get("type")?.value;
    if (typeof type === "string" && (type === "error" || type.startsWith("response.")))
      return type.endsWith(".delta") ? (counts.get("delta") ?? 0) : 0;
    return sumOf(counts, TEXTS);
  }

  private fail(error: unknown): void {
    this.failure ??= failureOfError(error, this.fields, this.nowMs);
  }
}

/** An error that is not wrapped in anything. */
const flatError = ({ kept }: Found) => ({
  type: kept.get("type")?.value,
  code: kept.get("code")?.value,
  message: kept.get("message")?.value,
});

/** Cached input is a part of the input, and reasoning of the output. null: no usage. */
export function usageOf(value: unknown): Usage | null {
  if (!isObject(value)) return null;
  const input = countAt(value, "prompt_tokens") ?? countAt(value, "input_tokens");
  const output = countAt(value, "completion_tokens") ?? countAt(value, "output_tokens");
  if (input === null && output === null) return null;
  const details = at(value, "prompt_tokens_details") ?? at(value, "input_tokens_details");
  const all = input ?? 0;
  const cacheRead = Math.min(
    all,
    countAt(details, "cached_tokens") ?? countAt(value, "prompt_cache_hit_tokens") ?? 0,
  );
  const cacheWrite = Math.min(all - cacheRead, countAt(details, "cache_write_tokens") ?? 0);
  return {
    freshInput: all - cacheRead - cacheWrite,
    cacheRead,
    cacheWrite,
    cacheWriteHour: 0,
    output: output ?? 0,
  };
}
