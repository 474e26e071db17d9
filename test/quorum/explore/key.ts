// What tells two members apart: what they signed, remember, said, and may still build on. Everything else is hearsay.
import { toHex } from "../../../src/base/index.js";
import type { ExploredMember } from "./member.js";
import { ELECTORATE } from "./world.js";

/**
 * Two states of one member with one key behave alike for ever, in terms up to `terms`. Left out: clocks (any timer may
 * run out at any time), signers of certificates, and certificates of past terms, which arrive again with whatever
 * needs them, except at a member that has yet to lead: what it holds decides on what it builds.
 */
export function keyOf(member: ExploredMember, terms: number): string {
  const { voter, world } = member;
  const name = (id: Uint8Array | null | undefined): string => (id ? world.nameOf(toHex(id)) : "-");
  const parts = [
    `${Math.min(voter.term, terms + 1)} ${voter.standing} ${voter.barrierTerm}`,
    `${name(voter.lastFinal.id)} ${voter.executedHeight} ${name(voter.target?.cert.entryId)}`,
  ];
  const leads = yetToLead(member, terms);
  for (let term = 1; term <= terms; term++) {
    const sheet = voter.sheets.get(term);
    if (sheet === undefined) {
      parts.push("");
      continue;
    }
    const { proposed, acked, skipped, committed } = sheet.own;
    const candidate = term === voter.term && sheet.candidate !== null ? "c" : "";
    parts.push(`${name(proposed)} ${name(acked)} ${skipped} ${name(committed)} ${candidate}`);
    if (leads)
      parts.push(`${name(sheet.ackCert?.entryId)} ${sheet.skipCert !== null} ${sheet.commitCert !== null}`);
  }
  return `${parts.join("|")}|${[...member.words.keys()].sort().join(",")}`;
}

/** Whether this member leads a term up to the bound in which it has not proposed and may still come to. */
function yetToLead({ voter, world }: ExploredMember, terms: number): boolean {
  for (let term = voter.term; term <= terms; term++) {
    if (ELECTORATE.leaderOf(term) === world.self && !voter.sheets.get(term)?.own.proposed) return true;
  }
  return false;
}
