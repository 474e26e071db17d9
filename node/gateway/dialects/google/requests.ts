// Google's requests: the path names model and call, but for interactions. Both spellings of a field are one field there.
import type { Endpoint, Fields, Wish } from "../../dialect.js";
import { fieldOf } from "../../header-fields.js";
import { Wanted } from "../../json-wanted.js";
import { plainPath } from "../../request-path.js";
import { fieldsOf } from "../../shallow-json.js";
import { countIn, isSaid, modelFault, textIn } from "../../wish.js";

const CALL = /\/([^/:]+):([A-Za-z]+)$/;
/** In any case, as clouds that serve it may take it: none is a call that no dialect knows. */
const MODEL_CALLS: ReadonlyMap<string, string> = new Map(
  ["generateContent", "streamGenerateContent", "embedContent", "batchEmbedContents", "predict"].map(
    (call) => [call.toLowerCase(), call],
  ),
);
const FREE_CALLS: ReadonlySet<string> = new Set(["countTokens", "computeTokens"]);
const MODELS = /^(?:\/[\w.-]+)*\/(?:models|tunedModels)(?:\/[^/:]+)?$/;
const INTERACTIONS = /^\/(?:v\d+(?:alpha|beta)?\d*\/)?interactions$/i;
const INTERACTION = /^\/(?:v\d+(?:alpha|beta)?\d*\/)?interactions\/[^/]+$/;
const VERSION = /^\/v\d+(?:alpha|beta)\d*\//;

export function endpointOf(method: string, rawPath: string, fields: Fields): Endpoint | null {
  const path = plainPath(rawPath);
  if (path === null) return null;
  if (method === "POST") {
    if (INTERACTIONS.test(path)) return { kind: "model", call: "interactions", model: null, isStream: null };
    const [, model, word] = CALL.exec(path) ?? [];
    if (model === undefined || word === undefined) return null;
    if (FREE_CALLS.has(word)) return { kind: "free", call: word, model, isStream: null };
    const call = MODEL_CALLS.get(word.toLowerCase());
    if (call === undefined) return null;
    return { kind: "model", call, model, isStream: call === "streamGenerateContent" };
  }
  if (method === "GET" && INTERACTION.test(path)) {
    return { kind: "free", call: "interactions", model: null, isStream: null };
  }
  const isOurs = method === "GET" && MODELS.test(path) && (VERSION.test(path) || isSpoken(fields));
  return isOurs ? { kind: "free", call: "models", model: null, isStream: null } : null;
}

/** Whether a client of Google's calls. */
export const isSpoken = (fields: Fields): boolean =>
  fieldOf(fields, "x-goog-api-key") !== null || fieldOf(fields, "x-goog-api-client") !== null;

const MOST = ["generationConfig.maxOutputTokens", "generation_config.max_output_tokens"];
const MOST_MIXED = ["generationConfig.max_output_tokens", "generation_config.maxOutputTokens"];
const ANSWERS = ["generationConfig.candidateCount", "generation_config.candidate_count"];
const WANTED = new Wanted({
  kept: [...MOST, ...MOST_MIXED, ...ANSWERS, "model", "agent", "stream", "background"],
});

export function wishOf(endpoint: Endpoint, body: Uint8Array): Wish | string {
  const fields = fieldsOf(body, WANTED);
  if (typeof fields === "string") return fields;
  const each = [...MOST, ...MOST_MIXED].map((path) => countIn(fields, path)).filter((most) => most !== null);
  const all = Math.max(0, ...each) * Math.max(1, countIn(fields, ...ANSWERS) ?? 1);
  const model = endpoint.model ?? textIn(fields, "model") ?? textIn(fields, "agent");
  return (
    modelFault(model) ?? {
      model,
      isStream: endpoint.isStream ?? fields.at.get("stream")?.value === true,
      maxOutput: each.length === 0 || !Number.isSafeInteger(all) ? null : all,
      isDeferred: isSaid(fields, "background"),
      caller: null,
      body,
      isUsageOurs: false,
    }
  );
}
