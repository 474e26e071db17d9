// just: every evidence that took effect convicts by the protocol's own judge, and no fault of a term is punished twice.
import { decodeEvidence, evidenceKey, verifyEvidence } from "../../../src/quorum/index.js";
import type { Checker, Trial } from "./checker.js";
import type { Chronicle } from "./chronicle.js";
import type { Court } from "./statements.js";

export function justChecker(trial: Trial, chronicle: Chronicle, court: Court): Checker {
  return {
    ended() {
      const punished = new Map<string, number>();
      const { electorate, chain, market, verifier, judgeOps } = court;
      for (const { height, operation, isRefused } of chronicle.operations()) {
        if (isRefused || operation.body.kind !== "evidence") continue;
        const decoded = decodeEvidence(operation.body.evidence);
        const verdict = decoded.ok
          ? verifyEvidence(decoded.value, electorate, chain, market, verifier, judgeOps)
          : null;
        if (!decoded.ok || verdict === null || !verdict.ok) {
          const why = verdict === null ? "undecodable" : verdict.ok ? "" : verdict.error;
          trial.report("just", `height ${height} punishes by evidence that proves nothing: ${why}`);
          continue;
        }
        const fault = evidenceKey(decoded.value);
        const before = punished.get(fault);
        if (before !== undefined)
          trial.report("just", `${fault} is punished at heights ${before} and ${height}`);
        punished.set(fault, height);
      }
    },
  };
}
