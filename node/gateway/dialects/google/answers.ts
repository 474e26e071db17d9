// Google's answers: each chunk says usage so far; thoughts are output beside the candidates, and an interaction's beside its steps.
import { type Listener, modelIn } from "../../answer-reader.js";
import type { Failure, Usage } from "../../dialect.js";
import type { Found } from "../../json-found.js";
import { countAt, isObject } from "../../json-value.js";
import { Wanted } from "../../json-wanted.js";
import { failureOfError } from "./failures.js";

const MODELS = ["modelVersion", "model", "interaction.model"];

/** A prompt that is not answered comes back with 200, and why. */
const BLOCKED = "promptFeedback.blockReason";

const WANTED = new Wanted({
  kept: ["error", "usageMetadata", "event_type", "usage", "interaction.usage", BLOCKED, ...MODELS],
  probed: ["candidates", "embedding", "embeddings", "predictions", "steps"],
  counted: ["text"],
});

export class GoogleListener implements Listener {
  readonly wanted = WANTED;
  usage: Usage | null = null;
  isUsageFinal = false;
  failure: Failure | null = null;
  hasContent = false;
  contentChars = 0;
  model: string | null = null;

  constructor(private readonly nowMs: number) {}

  hear(found: Found): boolean {
    this.model ??= modelIn(found, MODELS);
    const error = found.kept.get("error");
    if (error !== undefined && error.value !== null) this.failure ??= failureOfError(error.value, this.nowMs);
    if (typeof found.kept.get(BLOCKED)?.value === "string") this.failure ??= { kind: "policy" };
    this.hearOfInteraction(found);
    const told = found.kept.get("usageMetadata")?.value;
    this.usage = usageOf(told) ?? this.usage;
    // each chunk counts all candidates so far, if any
    if (told !== undefined) this.isUsageFinal = countAt(told, "candidatesTokenCount") !== null;
    this.hasContent ||= found.isFilled;
    this.contentChars += this.charsIn(found);
    return false;
  }

  charsIn({ counts }: Found): number {
    return counts.get("text") ?? 0;
  }

  /** Its usage comes at its end, whole or in the last event. */
  private hearOfInteraction(found: Found): void {
    const told = found.kept.get("interaction.usage") ?? found.kept.get("usage");
    const usage = interactionUsageOf(told?.value);
    const type = found.kept.get("event_type")?.value;
    if (usage !== null) {
      this.usage = usage;
      this.isUsageFinal = type === undefined || type === "interaction.completed";
    }
    this.hasContent ||= typeof type === "string" && type.startsWith("step.");
  }
}

/** Of an interaction: cached input is a part of the input, thoughts are none of the output. */
function interactionUsageOf(value: unknown): Usage | null {
  if (!isObject(value)) return null;
  const input = countAt(value, "total_input_tokens");
  const output = countAt(value, "total_output_tokens");
  if (input === null && output === null) return null;
  const cacheRead = Math.min(input ?? 0, countAt(value, "total_cached_tokens") ?? 0);
  return {
    freshInput: (input ?? 0) - cacheRead + (countAt(value, "total_tool_use_tokens") ?? 0),
    cacheRead,
    cacheWrite: 0,
    cacheWriteHour: 0,
    output: (output ?? 0) + (countAt(value, "total_thought_tokens") ?? 0),
  };
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
