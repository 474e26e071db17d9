// A halted member's last words: the certificates that exclude each other, for those who have seen only one of them.
import { equalBytes } from "../base/index.js";
import type { Certificate, Header } from "./message.js";
import { entryIdOf } from "./message.js";
import type { Voter } from "./state.js";
import { type Turn, tellMembers, tellPeer } from "./turn.js";

/**
 * Says both certificates of a fork to the members, and to everyone by gossip where the header is known. A member that
 * halts falls silent; without this, one that has heard of one history only goes on with those who signed both
 * (ADR 0019). Signs nothing.
 */
export function spreadFork(turn: Turn): void {
  const { voter } = turn;
  for (const cert of forkCertificates(voter)) {
    tellMembers(turn, { kind: "cert", cert });
    const header = headerOf(voter, cert);
    if (header !== null)
      turn.sends.push({ to: { kind: "gossip" }, message: { kind: "final", header, cert } });
  }
}

/** The same to one peer that has just connected: it may have been away when the fork was found. */
export function tellFork(turn: Turn, peer: string): void {
  const { voter } = turn;
  for (const cert of forkCertificates(voter)) {
    const header = headerOf(voter, cert);
    tellPeer(turn, peer, header === null ? { kind: "cert", cert } : { kind: "final", header, cert });
  }
}

const forkCertificates = ({ halt }: Voter): readonly Certificate[] =>
  halt?.kind === "fork" ? halt.certs : [];

function headerOf(voter: Voter, { term, entryId }: Certificate): Header | null {
  const told = voter.halt?.kind === "fork" ? voter.halt.headers : [];
  const candidates = [...told, ...[...voter.entries.values()].map(({ header }) => header)];
  return candidates.find((one) => one.term === term && equalBytes(entryIdOf(one), entryId)) ?? null;
}
