// A worker thread that judges one signature after the other and rests in between, so that the main thread never waits.
// @ts-check
import { setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { zip215 } from "./zip215.mjs";

/** @typedef {{ id: string, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array }} Question */
/** @typedef {{ id: string, valid: boolean }} Answer */

/** Nothing ever wakes it: to wait for it is to sleep. */
const never = new Int32Array(new SharedArrayBuffer(4));
/** How much an earlier, shorter time still counts: on a machine that has become slower it is forgotten. */
const FORGET = 1.1;

/** What a judgement takes when nobody else wants the core: a busy machine must not make the rests longer too. */
let workMs = Number.POSITIVE_INFINITY;

/**
 * Forgeries wait for whatever else there is to do. On Linux alone a priority is a thread's own; elsewhere this would hold
 * back the whole process.
 */
const GIVES_WAY = 10;
if (process.platform === "linux") setPriority(GIVES_WAY);

parentPort?.on("message", (/** @type {Question} */ { id, publicKey, message, signature }) => {
  const startedMs = performance.now();
  const valid = zip215(publicKey, message, signature);
  const tookMs = performance.now() - startedMs;
  workMs = Math.min(tookMs, workMs * FORGET);
  /** @type {Answer} */
  const answer = { id, valid };
  parentPort?.postMessage(answer);
  Atomics.wait(never, 0, 0, workMs);
});
