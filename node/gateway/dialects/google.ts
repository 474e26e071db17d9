// The dialect of Google's Gemini API.
import { answerReader } from "../answer-reader.js";
import { bearerOf } from "../credential.js";
import type { Dialect } from "../dialect.js";
import { fieldOf } from "../header-fields.js";
import { GoogleListener } from "./google/answers.js";
import { failureOf } from "./google/failures.js";
import { refusal } from "./google/refusals.js";
import { endpointOf, wishOf } from "./google/requests.js";

export const google: Dialect = {
  name: "google",
  endpointOf,
  wishOf,
  credentialOf: (fields, query) =>
    fieldOf(fields, "x-goog-api-key") ?? (new URLSearchParams(query).get("key") || bearerOf(fields)),
  withCredential: (key) => ({ "x-goog-api-key": key }),
  countsRefused: false,
  outputCount: "written",
  credentialParameters: ["key"],
  /** no field tells a limit */
  seenOf: () => [],
  planOf: () => null,
  failureOf,
  reader: (isUsageOurs, _fields, nowMs) => answerReader(new GoogleListener(nowMs), isUsageOurs),
  refusal,
  shareFields: () => ({}),
  isLimitField: () => false,
  /** cached or not, all input counts */
  countedOf: ({ freshInput, cacheRead, cacheWrite, output }) => ({
    inputTokens: freshInput + cacheRead + cacheWrite,
    outputTokens: output,
  }),
};
