// A worker thread that judges one signature per message, so that the main thread never waits for the slow path.
// @ts-check
import { parentPort } from "node:worker_threads";
import { zip215 } from "./zip215.mjs";

/** @typedef {{ id: number, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array }} Question */
/** @typedef {{ id: number, valid: boolean, tookMs: number }} Answer */

parentPort?.on("message", (/** @type {Question} */ { id, publicKey, message, signature }) => {
  const startedMs = performance.now();
  const valid = zip215(publicKey, message, signature);
  /** @type {Answer} */
  const answer = { id, valid, tookMs: performance.now() - startedMs };
  parentPort?.postMessage(answer);
});
