// How a request is known as a call of a conversation, without reading it: by hashes of what its body begins and ends with.
import { createHash } from "node:crypto";
import { MARK_LETTERS, type Trail } from "../../src/quota/index.js";

/** Hashes are taken after each so many bytes, up to the most: of a longer body nothing is known. */
const STEP = 8 * 1_024;
const MOST_STEPS = 256;
/** What a body's end may be beside the conversation, and what of a conversation's end changes with the next call. */
const END = 1_024;

const NO_TRAIL: Trail = { as: [], by: [], inSession: null };

/**
 * A body that begins with all that the body of another call began with, but for its end, goes on with its conversation. Where
 * instructions and tools stand behind the conversation that is not so; then in one session all that the other began and
 * ended with, together, says as much.
 * @param session of the client, as far as it is told; null: it is not
 */
export function trailOf(model: string | null, session: string | null, body: Uint8Array): Trail {
  const steps = Math.floor(Math.max(0, body.length - END) / STEP);
  if (steps === 0 || steps > MOST_STEPS) return NO_TRAIL;
  const salt = JSON.stringify(model ?? "");
  const fore = marksOf(salt, steps, (at) => body.subarray(at * STEP, (at + 1) * STEP));
  const by = fore.toReversed();
  if (session === null) return { as: by.slice(0, 1), by, inSession: null };
  const end = body.length;
  const back = marksOf(salt, steps, (at) => body.subarray(end - (at + 1) * STEP, end - at * STEP));
  const name = createHash("sha1")
    .update(JSON.stringify([session, fore[0]]))
    .digest("base64");
  const inSession = { name, fore: fore.join(""), back: back.join("") };
  return { as: by.slice(0, 1), by, inSession };
}

/** Each of all steps up to its own. */
function marksOf(salt: string, steps: number, stepAt: (at: number) => Uint8Array): string[] {
  const hash = createHash("sha1").update(salt);
  return Array.from({ length: steps }, (_, at) => {
    hash.update(stepAt(at));
    return hash.copy().digest("base64").slice(0, MARK_LETTERS);
  });
}
