// Calls that no dialect knows: images, audio, batches, files. What changes something upstream may count there; what reads does not.
import type { Endpoint, Wish } from "./dialect.js";
import { Wanted } from "./json-wanted.js";
import { fieldsOf } from "./shallow-json.js";
import { textIn } from "./wish.js";

const CHANGES: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

export function otherCall(method: string): Endpoint {
  return { kind: CHANGES.has(method) ? "request" : "free", call: "other", model: null, isStream: null };
}

const WANTED = new Wanted({ kept: ["model"] });
/** Characters of a model's name. */
const MOST_MODEL = 256;

/** Its model where it is JSON and names one, so that it waits with those of its kind; forms and files are not read. */
export function otherWish(body: Uint8Array): Wish {
  const fields = fieldsOf(body, WANTED);
  const model = typeof fields === "string" ? null : textIn(fields, "model");
  return {
    model: model !== null && model.length <= MOST_MODEL ? model : null,
    isStream: false,
    maxOutput: null,
    caller: null,
    body,
    isUsageOurs: false,
  };
}
