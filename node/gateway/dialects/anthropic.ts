// The dialect of Anthropic's API, as its clients and Claude Code speak it.
import { answerReader } from "../answer-reader.js";
import { bearerOf, isSubscriptionCredential } from "../credential.js";
import type { Dialect } from "../dialect.js";
import { fieldOf } from "../header-fields.js";
import { AnthropicListener } from "./anthropic/answers.js";
import { failureOf } from "./anthropic/failures.js";
import { planOf, seenOf, shareFields } from "./anthropic/limits.js";
import { refusal } from "./anthropic/refusals.js";
import { endpointOf, wishOf } from "./anthropic/requests.js";

export const anthropic: Dialect = {
  name: "anthropic",
  endpointOf,
  wishOf,
  credentialOf: (fields) => fieldOf(fields, "x-api-key") ?? bearerOf(fields),
  withCredential: (key) =>
    isSubscriptionCredential(key) ? { authorization: `Bearer ${key}` } : { "x-api-key": key },
  countsRefused: false,
  outputCount: "written",
  credentialParameters: [],
  seenOf,
  planOf,
  failureOf,
  reader: (isUsageOurs, fields, nowMs) => answerReader(new AnthropicListener(fields, nowMs), isUsageOurs),
  refusal,
  shareFields,
  isLimitField: (name) => name.startsWith("anthropic-ratelimit-") || name.startsWith("anthropic-priority-"),
  /** what is read from a cache is no input that limits count */
  countedOf: ({ freshInput, cacheWrite, output }) => ({
    inputTokens: freshInput + cacheWrite,
    outputTokens: output,
  }),
};
