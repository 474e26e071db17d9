// just: every evidence that took effect convicts by the protocol's own judge, and no fault of a term is punished twice.
import { decodeEvidence, evidenceKey, verifyEvidence } from "../../../src/quorum/index.js";
import type { History } from "./history.js";
import type { Court } from "./statements.js";

export function justWrongs(history: History, court: Court): readonly string[] {
  const punished = new Map<string, number>();
  const { electorate, chain, market, verifier, judgeOps } = court;
  return history.operations().flatMap(({ height, operation, isRefused }) => {
    if (isRefused || operation.body.kind !== "evidence") return [];
    const decoded = decodeEvidence(operation.body.evidence);
    const verdict = decoded.ok
      ? verifyEvidence(decoded.value, electorate, chain, market, verifier, judgeOps)
      : null;
    if (!decoded.ok || verdict === null || !verdict.ok) {
      const why = verdict === null ? "undecodable" : verdict.ok ? "" : verdict.error;
      return [`height ${height} punishes by evidence that proves nothing: ${why}`];
    }
    const fault = evidenceKey(decoded.value);
    const before = punished.get(fault);
    punished.set(fault, height);
    return before === undefined ? [] : [`${fault} is punished at heights ${before} and ${height}`];
  });
}
