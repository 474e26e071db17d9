// prompt: an operation wakes the log at once, however long nothing happened before (spec/log#Y3).
import { type Hex, toHex } from "../../../../src/base/index.js";
import { decodeOperation, laneOf, operationId } from "../../../../src/market/index.js";
import type { Timing } from "../../../../src/quorum/index.js";
import type { History } from "../../checks/history.js";
import type { Checker, Trial } from "./checker.js";

/** Gossip, a forward and a turn that is waited for in vain, each with room to spare; disks are fast beside Δ. */
const DELTAS = 10;

/**
 * Of what is in the bulk lane, as payments are: other operations may have to wait for their moment. Not of agents that
 * signed two operations of one nonce: whoever has the first does not take the second. Where a leader lies, or a clock
 * is wrong, turns are lost, and a longer bound is owed (`live`).
 * @param liveMs after the last fault its traces are gone
 */
export function promptChecker(
  trial: Trial,
  history: History,
  { deltaMs, batchMs }: Timing,
  liveMs: number,
): Checker {
  const saidAtMs = new Map<Hex, number>();
  const finalAtMs = new Map<number, number>();
  const numbered = new Map<string, Hex>();
  const contested = new Set<Hex>();
  let calmFromMs = Number.POSITIVE_INFINITY;
  return {
    healed: () => {
      calmFromMs = trial.nowMs() + liveMs;
    },
    sent(_host, outgoing) {
      if (outgoing.to !== "topic" || outgoing.topic !== "ops") return;
      const operation = decodeOperation(outgoing.bytes);
      if (!operation.ok || laneOf(operation.value.body.kind) !== "bulk") return;
      const { from, nonce } = operation.value.authority!;
      const id = toHex(operationId(operation.value));
      const number = `${toHex(from)}/${nonce}`;
      if ((numbered.get(number) ?? id) !== id) contested.add(toHex(from));
      numbered.set(number, id);
      if (trial.nowMs() >= calmFromMs && !saidAtMs.has(id)) saidAtMs.set(id, trial.nowMs());
    },
    noticed(host, notice) {
      if (notice.kind !== "entry" || !trial.isHonest(host) || finalAtMs.has(notice.height)) return;
      finalAtMs.set(notice.height, trial.nowMs());
    },
    ended() {
      for (const { id, height, isRefused, operation } of history.operations()) {
        if (operation.authority !== null && contested.has(toHex(operation.authority.from))) continue;
        const tookMs = finalAtMs.get(height)! - (saidAtMs.get(id) ?? Number.POSITIVE_INFINITY);
        if (isRefused || tookMs <= DELTAS * deltaMs + batchMs) continue;
        trial.report("prompt", `operation ${id.slice(0, 8)} took ${Math.round(tookMs)} ms`);
      }
    },
  };
}
