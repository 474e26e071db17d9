// Anthropic's requests: messages, and what is free beside them.
import type { Endpoint, Fields, Wish } from "../../dialect.js";
import { fieldOf } from "../../header-fields.js";
import { Wanted } from "../../json-wanted.js";
import { plainPath } from "../../request-path.js";
import { fieldsOf } from "../../shallow-json.js";
import { countIn, modelFault, textIn } from "../../wish.js";

/** In any case, as clouds that serve it take it. */
const MESSAGES = /^(?:\/messages|.*\/v1\/messages)$/i;
const COUNTED = /^(?:\/messages|.*\/v1\/messages)\/count_tokens$/;
const MODELS = /^(?:\/[\w.-]+)*\/models(?:\/[^/]+)?$/;

export function endpointOf(method: string, rawPath: string, fields: Fields): Endpoint | null {
  const path = plainPath(rawPath);
  if (path === null) return null;
  const free = (call: string): Endpoint => ({ kind: "free", call, model: null, isStream: null });
  if (method === "POST") {
    if (MESSAGES.test(path)) return { kind: "model", call: "messages", model: null, isStream: null };
    return COUNTED.test(path) ? free("messages/count_tokens") : null;
  }
  if (method === "HEAD" && path === "/") return free("probe");
  return method === "GET" && MODELS.test(path) && isSpoken(fields) ? free("models") : null;
}

/** Whether a client of Anthropic's calls: OpenAI's have the same path for models. */
export const isSpoken = (fields: Fields): boolean =>
  fieldOf(fields, "anthropic-version") !== null || fieldOf(fields, "x-api-key") !== null;

const WANTED = new Wanted({ kept: ["model", "stream", "max_tokens", "metadata.user_id"] });

export function wishOf(_endpoint: Endpoint, body: Uint8Array): Wish | string {
  const fields = fieldsOf(body, WANTED);
  if (typeof fields === "string") return fields;
  const model = textIn(fields, "model");
  return (
    modelFault(model) ?? {
      model,
      isStream: fields.at.get("stream")?.value === true,
      maxOutput: countIn(fields, "max_tokens"),
      caller: textIn(fields, "metadata.user_id"),
      body,
      isUsageOurs: false,
    }
  );
}
