// Another model's name in a request: in its body, its path, or both, and not another byte changed.
import type { Endpoint } from "../dialect.js";
import { Wanted } from "../json-wanted.js";
import { fieldsOf, spliced } from "../shallow-json.js";

const WANTED = new Wanted({ kept: ["model"] });

export interface Named {
  /** with neither host nor query */
  readonly path: string;
  readonly body: Uint8Array;
}

/** The same request of another model. */
export function renamed({ path, body }: Named, { model: inPath }: Endpoint, model: string): Named {
  return { path: inPath === null ? path : pathOf(path, inPath, model), body: bodyOf(body, model) };
}

function bodyOf(body: Uint8Array, model: string): Uint8Array {
  const fields = fieldsOf(body, WANTED);
  const field = typeof fields === "string" ? undefined : fields.at.get("model");
  if (typeof field?.value !== "string") return body;
  // Google writes `models/` before a name, in some bodies.
  const place = field.value.startsWith("models/") ? "models/" : "";
  return spliced(body, field.start, field.end, JSON.stringify(place + model));
}

/** The last segment that is the model's: what follows it is the call. */
function pathOf(path: string, before: string, model: string): string {
  const segments = path.split("/");
  const at = segments.findLastIndex((segment) => nameIn(segment) === before);
  if (at < 0) return path;
  const call = /(?::|%3a)[^:%]*$/i.exec(segments[at]!)?.[0] ?? "";
  return segments.with(at, encodeURIComponent(model) + call).join("/");
}

/** A segment without the call that may follow a model's name after a colon. */
function nameIn(segment: string): string {
  try {
    return decodeURIComponent(segment).replace(/:[A-Za-z]+$/, "");
  } catch {
    return segment;
  }
}
