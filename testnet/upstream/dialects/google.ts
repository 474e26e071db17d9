// Google's family: paths, keys, limits that no header tells, and refusals with their details.
import { DAY_MS, type Dimension, type Over } from "../amounts.js";
import { type Dialect, json, type Moment, type Trouble } from "../dialect.js";
import type { Reply } from "../exchange.js";
import type { Json } from "../json.js";
import { generate, PATH, streamGenerate } from "./google-content.js";
import { single } from "./openai.js";

export const google: Dialect = {
  find(method, { pathname }) {
    if (/^\/v1(?:beta|alpha)?\/models$/.test(pathname) && method === "GET") return { kind: "models" };
    const asked = method === "POST" ? PATH.exec(pathname)?.[2] : undefined;
    switch (asked) {
      case "generateContent":
        return { kind: "write", shape: generate };
      case "streamGenerateContent":
        return { kind: "write", shape: streamGenerate };
      case "countTokens":
        return { kind: "count", shape: generate };
      default:
        return null;
    }
  },
  keyIn: (headers, url) => single(headers["x-goog-api-key"]) ?? url.searchParams.get("key"),
  asks: (_, prompt) => ({ requests: 1, tokens: prompt, inputTokens: prompt, outputTokens: 0 }),
  counts: () => ["outputTokens"],
  told: () => ({}),
  signed: () => ({ "server-timing": "gfet4t7; dur=81", vary: "Origin, X-Origin, Referer" }),
  refusal,
  trouble,
  models: (names) => ({
    models: names.map((name) => ({
      name: `models/${name}`,
      displayName: name,
      supportedGenerationMethods: ["generateContent", "countTokens"],
    })),
  }),
  count: (tokens) => ({ totalTokens: tokens }),
};

const TYPE = "type.googleapis.com/google.rpc";
const METRIC = "generativelanguage.googleapis.com/generate_content_free_tier";
/** A daily limit is not lifted so soon, and says so all the same. */
const DAILY_DELAY = "47";

const METRICS: Readonly<Record<Dimension, readonly [metric: string, quota: string]>> = {
  requests: ["requests", "GenerateRequests"],
  tokens: ["token_count", "GenerateContentTokens"],
  inputTokens: ["input_token_count", "GenerateContentInputTokens"],
  outputTokens: ["output_token_count", "GenerateContentOutputTokens"],
};

const isDaily = ({ limit }: Over): boolean => limit.windowMs === DAY_MS;

function refusal(over: readonly Over[], moment: Moment): Reply {
  const waitMs = Math.max(...over.filter((one) => !isDaily(one)).map((one) => one.waitMs ?? 0));
  const told = over.some(isDaily) ? DAILY_DELAY : `${waitMs / 1_000}`;
  const metrics = over.map(({ limit }) => `${METRIC}_${METRICS[limit.dimension][0]}, limit: ${limit.limit}`);
  const message = `Quota exceeded for ${metrics.join("; ")}. Please retry in ${told}s.`;
  const details = [
    { "@type": `${TYPE}.QuotaFailure`, violations: over.map((one) => violationOf(one, moment.model)) },
    { "@type": `${TYPE}.Help`, links: [{ description: "About quotas", url: "https://example.com/quotas" }] },
    { "@type": `${TYPE}.RetryInfo`, retryDelay: `${Math.floor(Number(told))}s` },
  ];
  return refused(429, "RESOURCE_EXHAUSTED", message, moment, { details });
}

function violationOf(over: Over, model: string): Json {
  const [metric, quota] = METRICS[over.limit.dimension];
  return {
    quotaMetric: `${METRIC}_${metric}`,
    quotaId: `${quota}${isDaily(over) ? "PerDay" : "PerMinute"}PerProjectPerModel-FreeTier`,
    quotaDimensions: { location: "global", model },
    quotaValue: `${over.limit.limit}`,
  };
}

/** What is wrong with a stream is the one member of an array. */
function refused(
  code: number,
  status: string,
  message: string,
  { isStreamed }: Moment,
  more: Json = {},
): Reply {
  const error = { error: { code, message, status, ...more } };
  return json(code, isStreamed ? [error] : error);
}

function trouble(trouble: Trouble, moment: Moment): Reply {
  switch (trouble.kind) {
    case "key":
      return refused(400, "INVALID_ARGUMENT", "API key not valid.", moment);
    case "path":
      return refused(404, "NOT_FOUND", "There is nothing at this URL.", moment);
    case "body":
      return refused(400, "INVALID_ARGUMENT", trouble.why, moment);
    case "size":
      return refused(413, "INVALID_ARGUMENT", "The body is too large.", moment);
    case "overloaded":
      return refused(503, "UNAVAILABLE", "The model is overloaded. Please try again later.", moment);
    case "broken":
      return refused(500, "INTERNAL", "An internal error has occurred.", moment);
    case "bare":
      return refused(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted.", moment);
    case "unpaid":
      return refused(429, "RESOURCE_EXHAUSTED", "Your prepayment is used up.", moment);
  }
}
