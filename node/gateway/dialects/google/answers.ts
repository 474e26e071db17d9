// Google's answers: each chunk says usage so far; thoughts are output beside the candidates.
import type { Listener } from "../../answer-reader.js";
import type { Failure, Usage } from "../../dialect.js";
import type { Found } from "../../json-scan.js";
import { countAt, isObject } from "../../json-value.js";
import { Wanted } from "../../json-wanted.js";
import { failureOfError } from "./failures.js";

const WANTED = new Wanted({
  kept: ["error", "usageMetadata"],
  probed: ["candidates", "embedding", "embeddings", "predictions"],
  counted: ["text"],
});

export class GoogleListener implements Listener {
  readonly wanted = WANTED;
  usage: Usage | null = null;
  isUsageFinal = false;
  failure: Failure | null = null;
  hasContent = false;
  contentChars = 0;

  constructor(private readonly nowMs: number) {}

  hear(found: Found): boolean {
    const error = found.kept.get("error");
    if (error !== undefined && error.value !== null) this.failure ??= failureOfError(error.value, this.nowMs);
    const told = found.kept.get("usageMetadata")?.value;
    this.usage = usageOf(told) ?? this.usage;
    // each chunk counts all candidates so far, if any
    if (told !== undefined) this.isUsageFinal = countAt(told, "candidatesTokenCount") !== null;
    this.hasContent ||= [...found.filled.values()].includes(true);
    this.contentChars += found.counts.get("text") ?? 0;
    return false;
  }
}

/** Cached input is a part of the prompt; what tools put into it is not. */
function usageOf(value: unknown): Usage | null {
  if (!isObject(value)) return null;
  const prompt = countAt(value, "promptTokenCount");
  const output = countAt(value, "candidatesTokenCount");
  const thoughts = countAt(value, "thoughtsTokenCount");
  if (prompt === null && output === null && thoughts === null) return null;
  const cacheRead = Math.min(prompt ?? 0, countAt(value, "cachedContentTokenCount") ?? 0);
  return {
    freshInput: (prompt ?? 0) - cacheRead + (countAt(value, "toolUsePromptTokenCount") ?? 0),
    cacheRead,
    cacheWrite: 0,
    cacheWriteHour: 0,
    output: (output ?? 0) + (thoughts ?? 0),
  };
}
