// The pen of a Byzantine seat: real signatures under whatever it wants to have said.
import type { Bytes, Hash } from "../../../../src/base/index.js";
import { type AgentKey, type Signer, taggedHash } from "../../../../src/crypto/index.js";
import { encodeOperation, selfProving, signOperation } from "../../../../src/market/index.js";
import {
  type Electorate,
  encodeEvidence,
  entryIdOf,
  formCertificate,
  proposeDigest,
  statusDigest,
  type Vote,
  type VoteKind,
  voteDigest,
  voteDomain,
} from "../../../../src/quorum/index.js";
import type { Forger } from "./strategy.js";

/** How long an operation of its own is valid. */
const VALID_MS = 60_000;

export interface ForgerConfig {
  readonly seat: number;
  readonly signer: Signer;
  readonly agent: AgentKey;
  readonly electorate: Electorate;
  readonly network: { readonly chain: Hash; readonly market: Hash };
  readonly keepTerms: number;
  readonly deltaMs: number;
}

export function forgerOf(config: ForgerConfig): Forger {
  const { seat, signer, agent, electorate, network, keepTerms, deltaMs } = config;
  const { setHash } = electorate;
  const { epoch } = electorate.set;
  const { chain, market } = network;
  const domain = voteDomain(electorate, chain, market);
  const abroad = voteDomain(electorate, chain, taggedHash("market", market));
  const voteIn = (where: Bytes, type: VoteKind, term: number, entryId: Hash): Vote => {
    const sig = signer.sign(voteDigest(where, type, term, entryId));
    return { type, epoch, setHash, term, entryId, signer: seat, sig };
  };
  let garbageMade = 0;
  return {
    seat,
    size: electorate.size,
    quorum: electorate.quorum,
    tolerance: electorate.tolerance,
    keepTerms,
    deltaMs,
    vote: (type, term, entryId) => voteIn(domain, type, term, entryId),
    voteAbroad: (type, term, entryId) => voteIn(abroad, type, term, entryId),
    propose(header, ops, { parentHeader, parentCert }) {
      const leaderSig = signer.sign(proposeDigest(entryIdOf(header)));
      return { entry: { header, ops, leaderSig }, parentHeader, parentCert };
    },
    certify: formCertificate,
    status: (value) => ({ ...value, sig: signer.sign(statusDigest(chain, market, value)) }),
    payments(fee, nonces, timeMs) {
      const body = { kind: "transfer", to: agent.publicKey, amount: 1n } as const;
      return Array.from({ length: nonces }, (_, nonce) =>
        encodeOperation(signOperation(network, { nonce, fee, validUntilMs: timeMs + VALID_MS }, body, agent)),
      );
    },
    garbage: (count, bytes) =>
      Array.from({ length: count }, () => {
        const evidence = new Uint8Array(bytes);
        new DataView(evidence.buffer).setUint32(0, ++garbageMade);
        return encodeOperation(selfProving(network, { kind: "evidence", evidence }));
      }),
    accuse(evidence) {
      const operation = selfProving(network, { kind: "evidence", evidence: encodeEvidence(evidence) });
      return { to: "topic", topic: "evidence", bytes: encodeOperation(operation) };
    },
  };
}
