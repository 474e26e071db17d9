// How a request is known as a call of a conversation, without reading it: by hashes of what its body begins with.
import { createHash } from "node:crypto";
import type { Trail } from "../../src/quota/index.js";

/** Hashes are taken after each so many bytes, up to the most. */
const STEP = 8 * 1_024;
const MOST_STEPS = 256;
/** What a body's end may be beside the conversation, and what of a conversation's end changes with the next call. */
const END = 1_024;

/**
 * A body that begins with all that the body of another call began with, but for its end, goes on with its conversation. Where
 * instructions and tools stand behind the conversation that is not so; then in one session the same beginning and the same
 * end say as much.
 * @param session of the client, as far as it is told; null: it is not
 */
export function trailOf(model: string | null, session: string | null, body: Uint8Array): Trail {
  const marks = marksOf(model ?? "", body);
  const [first] = marks;
  const last = marks.at(-1);
  if (first === undefined || last === undefined) return { as: [], by: [] };
  const inSession = session === null ? [] : [hashOf(session, first, body.subarray(-END))];
  return { as: [last, ...inSession], by: [...marks.reverse(), ...inSession] };
}

function marksOf(model: string, body: Uint8Array): string[] {
  const hash = createHash("sha1").update(JSON.stringify(model));
  const steps = Math.min(MOST_STEPS, Math.floor(Math.max(0, body.length - END) / STEP));
  return Array.from({ length: steps }, (_, at) => {
    hash.update(body.subarray(at * STEP, (at + 1) * STEP));
    return hash.copy().digest("base64");
  });
}

function hashOf(session: string, first: string, end: Uint8Array): string {
  return createHash("sha1")
    .update(JSON.stringify([session, first]))
    .update(end)
    .digest("base64");
}
