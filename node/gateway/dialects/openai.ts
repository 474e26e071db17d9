// The dialect of OpenAI's API, and of all that are compatible with it.
import { answerReader } from "../answer-reader.js";
import { bearerOf } from "../credential.js";
import type { Dialect } from "../dialect.js";
import { fieldOf } from "../header-fields.js";
import { OpenaiListener } from "./openai/answers.js";
import { failureOf } from "./openai/failures.js";
import { seenOf, shareFields } from "./openai/limits.js";
import { refusal } from "./openai/refusals.js";
import { endpointOf, wishOf } from "./openai/requests.js";

export const openai: Dialect = {
  name: "openai",
  endpointOf,
  wishOf,
  credentialOf: (fields) => bearerOf(fields) ?? fieldOf(fields, "api-key"),
  withCredential: (key) => ({ authorization: `Bearer ${key}` }),
  countsRefused: true,
  outputCount: "asked",
  credentialParameters: ["api-key"],
  seenOf,
  planOf: () => null,
  failureOf,
  reader: (isUsageOurs, fields, nowMs) => answerReader(new OpenaiListener(fields, nowMs), isUsageOurs),
  refusal,
  shareFields,
  isLimitField: (name) => name.startsWith("x-ratelimit-"),
  /** cached or not, all input counts */
  countedOf: ({ freshInput, cacheRead, cacheWrite, output }) => ({
    inputTokens: freshInput + cacheRead + cacheWrite,
    outputTokens: output,
  }),
};
