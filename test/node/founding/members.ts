// Members for tests: keys of known seeds, and the files that they sign.
import { agentKey } from "../../../node/crypto/signer.js";
import { type Member, type MemberKeys, signedMember } from "../../../node/founding/member-json.js";
import { peerNameOf } from "../../../node/founding/peer-name.js";
import { utf8 } from "../../../src/base/index.js";
import { taggedHash } from "../../../src/crypto/index.js";
import type { MemberFile } from "../../../src/ledger/index.js";

const keyOf = (name: string) => agentKey(taggedHash("msg", utf8(name)));

export const keysOf = (name: string): MemberKeys => ({
  agent: keyOf(`${name}'s agent`),
  seat: keyOf(`${name}'s seat`),
  peer: keyOf(`${name}'s peer`),
});

/** @param port of loopback at which its peer is said to listen */
export function memberOf(
  name: string,
  {
    network = null,
    bond = null,
    port = 4001,
  }: Partial<Pick<MemberFile, "network" | "bond">> & { port?: number } = {},
  keys = keysOf(name),
): Member {
  const addresses = [`/ip4/127.0.0.1/tcp/${port}/p2p/${peerNameOf(keys.peer.publicKey)}`];
  return signedMember({ addresses, network, bond }, keys);
}

export const memberNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `owner-${i}`);
