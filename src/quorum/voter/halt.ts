// The halt, for ever: on a fork (R12), which everybody is told of (ADR 0019), and on a wrong root (X2).
import { encode, equalBytes } from "../../base/index.js";
import type { Corruption } from "../contract.js";
import { MAX_DESCENDANTS } from "../log/limits.js";
import { type Certificate, entryIdOf, type Header } from "../log/message.js";
import { type HaltRow, haltRow, KEY } from "../log/rows.js";
import type { Voter } from "./state.js";
import { put, type Turn, tellMembers, tellPeer } from "./turn.js";

/** R12: two finalisations that exclude each other. Nothing is signed any more, now or after a restart. */
export function haltForFork(turn: Turn, certs: readonly Certificate[], headers: readonly Header[]): void {
  halt(turn, { kind: "fork", certs, headers: headers.slice(0, MAX_DESCENDANTS) });
}

/** spec/log#X2: a quorum finalised another root than this member's: its state or its program is wrong. */
export function haltForCorruption(turn: Turn, corrupt: Corruption): void {
  halt(turn, { kind: "corrupt", ...corrupt });
}

function halt(turn: Turn, why: HaltRow): void {
  const { voter } = turn;
  voter.standing = "halted";
  voter.query = null;
  voter.halt = why;
  put(turn, KEY.halt, encode(haltRow, why));
  tellHalt(turn);
}

/** Reports the reason of a halt to the caller, and a fork to everybody, at the halt and at every start after it. */
export function tellHalt(turn: Turn): void {
  const { halt } = turn.voter;
  if (halt?.kind === "fork") turn.fork = { certs: halt.certs, headers: halt.headers };
  spreadFork(turn);
  if (halt?.kind === "corrupt")
    turn.corrupt = { height: halt.height, own: halt.own, finalised: halt.finalised };
}

/**
 * Sends both certificates of a fork to the members, and gossips those whose header is known (ADR 0019). Signs nothing.
 * A halted member falls silent. Without this, a member that knows one history only would go on with liars that signed
 * both.
 */
function spreadFork(turn: Turn): void {
  const { voter } = turn;
  for (const cert of forkCertificates(voter)) {
    tellMembers(turn, { kind: "cert", cert });
    const header = headerOf(voter, cert);
    if (header !== null)
      turn.sends.push({ to: { kind: "gossip" }, message: { kind: "final", header, cert } });
  }
}

/** Sends both certificates to a peer that has just connected: it may have been away when the fork was found. */
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
  const kept = voter.halt?.kind === "fork" ? voter.halt.headers : [];
  const candidates = [...kept, ...[...voter.entries.values()].map(({ header }) => header)];
  return candidates.find((one) => one.term === term && equalBytes(entryIdOf(one), entryId)) ?? null;
}
