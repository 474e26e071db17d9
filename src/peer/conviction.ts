// Where the log's evidence meets the ledger's bonds: a proven fault names the agent whose seat it was.
import type { Bytes } from "../base/index.js";
import type { Verifier } from "../crypto/index.js";
import type { EvidenceJudge, Network } from "../ledger/index.js";
import {
  decodeEvidence,
  type Electorate,
  EVIDENCE_RULES,
  type EvidenceRules,
  verifyEvidence,
} from "../quorum/index.js";

type Verdict = ReturnType<EvidenceJudge>;

/**
 * Evidence bytes judged by themselves and the member set of their epoch (PROTOCOL §1.9). Waiting evidence is judged
 * again with every look at the mempool: of the same bytes in memory, one judge finds its verdict once.
 */
export function judgeOf(
  electorate: Electorate,
  network: Network,
  verifier: Verifier,
  rules = EVIDENCE_RULES,
): EvidenceJudge {
  const verdicts = new WeakMap<Bytes, { readonly verdict: Verdict }>();
  return (bytes) => {
    const known = verdicts.get(bytes);
    if (known !== undefined) return known.verdict;
    const verdict = judged(bytes, electorate, network, verifier, rules);
    verdicts.set(bytes, { verdict });
    return verdict;
  };
}

function judged(
  bytes: Bytes,
  electorate: Electorate,
  network: Network,
  verifier: Verifier,
  rules: EvidenceRules,
): Verdict {
  const decoded = decodeEvidence(bytes);
  if (!decoded.ok) return null;
  const verdict = verifyEvidence(decoded.value, electorate, network.chain, network.market, verifier, rules);
  if (!verdict.ok) return null;
  const { signer, epoch, term } = verdict.value;
  const { agent, key } = electorate.set.members[signer]!;
  return { type: decoded.value.type, agent, key, epoch, term };
}
