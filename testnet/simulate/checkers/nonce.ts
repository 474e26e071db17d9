// nonce: each operation of the log that had a fate, applied or failed, has used one nonce, and no other has (ADR 0030).
import { toHex } from "../../../src/base/index.js";
import { laneOf } from "../../../src/market/index.js";
import { mostExecuted } from "./accounts.js";
import type { Checker, Trial } from "./checker.js";
import type { Chronicle } from "./chronicle.js";

const LANES = ["critical", "bulk"] as const;

export function nonceChecker(trial: Trial, chronicle: Chronicle): Checker {
  return {
    ended() {
      const executed = mostExecuted(trial, chronicle);
      if (executed === null) return;
      const used = usedUpTo(executed.height);
      for (const { agent, nonces } of executed.accounts) {
        for (const lane of LANES) {
          const count = used.get(`${agent}/${lane}`) ?? 0;
          if (nonces[lane] === count) continue;
          const says = `${agent.slice(0, 8)} has used ${nonces[lane]} ${lane} nonces; the log uses ${count}`;
          trial.report("nonce", `at height ${executed.height} ${says}`);
        }
      }
    },
  };

  function usedUpTo(height: number): ReadonlyMap<string, number> {
    const used = new Map<string, number>();
    for (const { height: at, operation, isPassedOver } of chronicle.operations()) {
      if (at > height || isPassedOver || operation.authority === null) continue;
      const whose = `${toHex(operation.authority.from)}/${laneOf(operation.body.kind)}`;
      used.set(whose, (used.get(whose) ?? 0) + 1);
    }
    return used;
  }
}
