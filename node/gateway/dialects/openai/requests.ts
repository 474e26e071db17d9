// OpenAI's requests: chat completions, completions, responses, embeddings; others' that speak alike, under any prefix.
import type { Endpoint, Wish } from "../../dialect.js";
import { isObject } from "../../json-value.js";
import { Wanted } from "../../json-wanted.js";
import { plainPath } from "../../request-path.js";
import { type Fields, fieldsOf, spliced, withField } from "../../shallow-json.js";
import { countIn, isSaid, modelFault, textIn } from "../../wish.js";

/** In any case: Azure's paths are the same in each, and nobody calls a model as what no dialect knows. */
const POSTED = /\/(chat\/completions|responses|responses\/compact|completions|embeddings)$/i;
const COUNTED = /\/responses\/input_tokens$/;
const READ = /^(?:\/[\w.-]+)*\/(models(?:\/.+)?|responses\/[^/]+(?:\/input_items)?)$/;
/** Azure names the model by its deployment. */
const DEPLOYMENT = /\/deployments\/([^/]+)\//i;

/** Calls whose streams tell usage only where they are asked for it. */
const TELLS_IF_ASKED: ReadonlySet<string> = new Set(["chat/completions", "completions"]);

export function endpointOf(method: string, rawPath: string): Endpoint | null {
  const path = plainPath(rawPath);
  if (path === null) return null;
  const free = (call: string): Endpoint => ({ kind: "free", call, model: null, isStream: null });
  if (method === "POST") {
    const call = POSTED.exec(path)?.[1]?.toLowerCase();
    if (call !== undefined) {
      return { kind: "model", call, model: DEPLOYMENT.exec(path)?.[1] ?? null, isStream: null };
    }
    return COUNTED.test(path) ? free("responses/input_tokens") : null;
  }
  if (method !== "GET") return null;
  const call = READ.exec(path)?.[1];
  return call === undefined ? null : free(call.split("/", 1)[0]!);
}

const OPTION = "stream_options";
const ASKED = "stream_options.include_usage";
const MOST = ["max_completion_tokens", "max_output_tokens", "max_tokens"];
const WANTED = new Wanted({
  kept: ["model", "stream", "background", "n", "best_of", "metadata.user_id", OPTION, ASKED, ...MOST],
});

export function wishOf(endpoint: Endpoint, body: Uint8Array): Wish | string {
  const fields = fieldsOf(body, WANTED);
  if (typeof fields === "string") return fields;
  // Where the path names a deployment, nobody reads the body's model.
  const model = endpoint.model ?? textIn(fields, "model");
  const fault = modelFault(model);
  if (fault !== null) return fault;
  const isStream = isSaid(fields, "stream");
  const asking = isStream && TELLS_IF_ASKED.has(endpoint.call) ? askingForUsage(fields, body) : null;
  return {
    model,
    isStream,
    maxOutput: mostOutput(fields),
    isDeferred: isSaid(fields, "background"),
    caller: textIn(fields, "metadata.user_id"),
    // It is made when it is sent: what waits keeps one body, not two.
    get body() {
      return asking === null ? body : asking();
    },
    isUsageOurs: asking !== null,
  };
}

/** Of all answers that are asked for together. Of several fields, of which an upstream may read any, the most. */
function mostOutput(fields: Fields): number | null {
  const said = MOST.map((path) => countIn(fields, path)).filter((most) => most !== null);
  if (said.length === 0) return null;
  const each = Math.max(...said);
  const all = each * Math.max(1, countIn(fields, "n") ?? 1, countIn(fields, "best_of") ?? 1);
  return Number.isSafeInteger(all) ? all : each;
}

/** Makes the body that asks for usage as well; null: it does already, or says something that is the upstream's to refuse. */
function askingForUsage(fields: Fields, body: Uint8Array): (() => Uint8Array) | null {
  const { start } = fields;
  const option = fields.at.get(OPTION);
  if (option === undefined) return () => withField(body, start, `"${OPTION}":{"include_usage":true}`);
  if (option.value === null) return () => spliced(body, option.start, option.end, `{"include_usage":true}`);
  if (!isObject(option.value)) return null;
  const asked = fields.at.get(ASKED);
  if (asked === undefined) return () => withField(body, option.start, `"include_usage":true`);
  if (asked.value !== false && asked.value !== null) return null;
  return () => spliced(body, asked.start, asked.end, "true");
}
