// Where the log's evidence meets the ledger's bonds: a proven fault names the agent whose seat it was.
import { type Bytes, invariant, toHex } from "../base/index.js";
import type { Verifier } from "../crypto/index.js";
import type { Network, Params } from "../ledger/index.js";
import {
  changesNothing,
  type EvidenceJudge,
  evidenceIn,
  FAULT_CLASS,
  MAX_OPERATION_EVIDENCE_BYTES,
  type Operation,
  operationId,
  type ProvenFault,
  SLASHES,
  slashKey,
} from "../market/index.js";
import {
  decodeEvidence,
  type Electorate,
  EVIDENCE_RULES,
  type EvidenceRules,
  MAX_EVIDENCE_BYTES,
  type OpsJudge,
  verifyEvidence,
} from "../quorum/index.js";
import type { Effects } from "./effects.js";
import { OperationJudge } from "./operations.js";
import type { Peer } from "./state.js";

invariant(MAX_EVIDENCE_BYTES === MAX_OPERATION_EVIDENCE_BYTES, "evidence fits its operation, and no more");

type Verdict = ReturnType<EvidenceJudge>;

/**
 * Evidence bytes judged by themselves and the member set of their epoch (spec/evidence#judging). Waiting evidence is judged
 * again with every look at the mempool: of the same bytes in memory, one judge finds its verdict once.
 */
export function judgeOf(
  electorate: Electorate,
  network: Network,
  params: Params,
  verifier: Verifier,
  rules = EVIDENCE_RULES,
): EvidenceJudge {
  const operations = new OperationJudge(network, params, verifier);
  const judgeOps: OpsJudge = (header, ops) => operations.judgeEntry(header.timeMs, ops);
  const verdicts = new WeakMap<Bytes, { readonly verdict: Verdict }>();
  return (bytes) => {
    const known = verdicts.get(bytes);
    if (known !== undefined) return known.verdict;
    const verdict = judged(bytes, electorate, network, verifier, judgeOps, rules);
    verdicts.set(bytes, { verdict });
    return verdict;
  };
}

function judged(
  bytes: Bytes,
  electorate: Electorate,
  network: Network,
  verifier: Verifier,
  judgeOps: OpsJudge,
  rules: EvidenceRules,
): Verdict {
  const decoded = decodeEvidence(bytes);
  if (!decoded.ok) return null;
  const verdict = verifyEvidence(
    decoded.value,
    electorate,
    network.chain,
    network.market,
    verifier,
    judgeOps,
    rules,
  );
  if (!verdict.ok) return null;
  const { signer, epoch, term } = verdict.value;
  const { agent, key } = electorate.set.members[signer]!;
  return { type: decoded.value.type, agent, key, epoch, term };
}

/** What a conviction is of: further ones of the same seat and class add nothing while it waits. */
export function convictionOf(judge: EvidenceJudge, { body }: Operation): string | null {
  const evidence = evidenceIn(body);
  const fault = evidence === null ? null : judge(evidence);
  return fault === null ? null : convictionName(fault);
}

const convictionName = ({ key, epoch, type }: ProvenFault): string =>
  `${toHex(key)}/${epoch}/${FAULT_CLASS[type]}`;

/** Whether a conviction would change anything, and none of the same seat and class waits (spec/evidence#G3, spec/network#admission). */
export function isWanted(
  { ledger, mempool, tip }: Pick<Peer, "ledger" | "mempool" | "tip">,
  fault: ProvenFault,
  nowMs: number,
): boolean {
  if (mempool.hasConviction(convictionName(fault))) return false;
  const timeMs = Math.max(nowMs, tip.timeMs + 1);
  return !ledger.table(SLASHES).has(slashKey(fault)) && !changesNothing(ledger, fault, timeMs);
}

/** Tells listeners of evidence that came to wait here, if it convicts. */
export function tellOfEvidence(
  peer: Pick<Peer, "judgeEvidence">,
  operation: Operation,
  effects: Effects,
): void {
  const evidence = evidenceIn(operation.body);
  const fault = evidence === null ? null : peer.judgeEvidence(evidence);
  if (fault === null) return;
  const { agent, term, type } = fault;
  effects.notify({ kind: "slashProposed", agent, operation: operationId(operation), term, evidence: type });
}
