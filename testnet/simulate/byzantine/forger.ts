// The pen of a Byzantine seat: real signatures under whatever it wants to have said.
import type { Hash } from "../../../src/base/index.js";
import type { Signer } from "../../../src/crypto/index.js";
import { formCertificate } from "../../../src/quorum/certificates.js";
import type { Electorate } from "../../../src/quorum/member-set.js";
import { entryIdOf } from "../../../src/quorum/message.js";
import { proposeDigest, voteDigest, voteDomain } from "../../../src/quorum/signing.js";
import type { Forger } from "./strategy.js";

export interface ForgerConfig {
  readonly seat: number;
  readonly signer: Signer;
  readonly electorate: Electorate;
  readonly network: { readonly chain: Hash; readonly market: Hash };
  readonly keepTerms: number;
  readonly deltaMs: number;
}

export function forgerOf(config: ForgerConfig): Forger {
  const { seat, signer, electorate, network, keepTerms, deltaMs } = config;
  const { setHash } = electorate;
  const { epoch } = electorate.set;
  const domain = voteDomain(electorate, network.chain, network.market);
  return {
    seat,
    size: electorate.size,
    quorum: electorate.quorum,
    keepTerms,
    deltaMs,
    vote(type, term, entryId) {
      const sig = signer.sign(voteDigest(domain, type, term, entryId));
      return { type, epoch, setHash, term, entryId, signer: seat, sig };
    },
    propose(header, ops, { parentHeader, parentCert }) {
      const leaderSig = signer.sign(proposeDigest(entryIdOf(header)));
      return { entry: { header, ops, leaderSig }, parentHeader, parentCert };
    },
    certify: formCertificate,
  };
}
