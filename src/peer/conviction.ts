// Where the log's evidence meets the ledger's bonds: a proven fault names the agent whose seat it was.
import type { Bytes } from "../base/index.js";
import type { Verifier } from "../crypto/index.js";
import type { EvidenceJudge, Network } from "../ledger/index.js";
import { decodeEvidence, type Electorate, verifyEvidence } from "../quorum/index.js";

/** Evidence bytes judged by themselves and the member set of their epoch (PROTOCOL §1.9). */
export const judgeOf =
  (electorate: Electorate, network: Network, verifier: Verifier): EvidenceJudge =>
  (bytes: Bytes) => {
    const decoded = decodeEvidence(bytes);
    if (!decoded.ok) return null;
    const verdict = verifyEvidence(decoded.value, electorate, network.chain, network.market, verifier);
    if (!verdict.ok) return null;
    const { signer, epoch, term } = verdict.value;
    const { agent, key } = electorate.set.members[signer]!;
    return { type: decoded.value.type, agent, key, epoch, term };
  };
