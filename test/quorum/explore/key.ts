// What tells two members apart: what they signed, remember, said, and may still build on. Everything else is hearsay.
import { toHex } from "../../../src/base/index.js";
import type { Voter } from "../../../src/quorum/index.js";
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
  const leads = yetToLead(voter, world.self, terms);
  for (let term = 1; term <= terms; term++) {
    const sheet = voter.sheets.get(term);
    if (sheet === undefined) {
      parts.push("");
      continue;
    }
    const { proposed, acked, skipped, committed } = sheet.own;
    const candidate = term === voter.term && sheet.candidate !== null ? "c" : "";
    parts.push(`${name(proposed)} ${name(acked)} ${skipped} ${name(committed)} ${candidate}`);
    const mayCommit = !skipped && committed === null;
    const ackCert = leads || mayCommit ? name(sheet.ackCert?.entryId) : "-";
    const bare =
      leads && sheet.ackCert !== null && !voter.entries.has(toHex(sheet.ackCert.entryId)) ? "?" : "";
    parts.push(`${ackCert}${bare}${leads ? ` ${sheet.skipCert !== null} ${sheet.commitCert !== null}` : ""}`);
  }
  return `${parts.join("|")}|${[...member.words.keys()].sort().join(",")}`;
}

/** Whether this member leads a term up to the bound in which it has not proposed and may still come to. */
export function yetToLead(voter: Voter, seat: number, terms: number): boolean {
  for (let term = voter.term; term <= terms; term++) {
    if (ELECTORATE.leaderOf(term) === seat && !voter.sheets.get(term)?.own.proposed) return true;
  }
  return false;
}

/**
 * Forgets the AckCerts that the key leaves out, so that the state that stands for its key holds none of them: of two
 * members with one key, the one that holds a certificate must not refuse the other's.
 */
export function forgetHearsay({ voter, world }: ExploredMember, terms: number): void {
  if (yetToLead(voter, world.self, terms)) return;
  for (const [term, sheet] of voter.sheets) {
    if (!sheet.own.skipped || sheet.own.committed !== null) continue;
    sheet.ackCert = null;
    voter.ackedTerms.delete(term);
  }
}

/** Everything but clocks: all certificates, candidates, entries and justifications that a member holds. */
export function plainKeyOf({ voter, world, words }: ExploredMember): string {
  const name = (id: Uint8Array | null | undefined): string => (id ? world.nameOf(toHex(id)) : "-");
  const sheets = [...voter.sheets.values()]
    .sort((a, b) => a.term - b.term)
    .map(({ term, own, ackCert, skipCert, commitCert, candidate, proposals }) => [
      `${term} ${name(own.proposed)} ${name(own.acked)} ${own.skipped} ${name(own.committed)}`,
      `${name(ackCert?.entryId)} ${skipCert !== null} ${name(commitCert?.entryId)}`,
      `${candidate === null ? "-" : world.nameOf(candidate.hex)} ${proposals.map(({ id }) => name(id)).sort()}`,
    ]);
  const entries = [...voter.entries.values()]
    .map(({ hex, body }) => `${world.nameOf(hex)} ${body !== null}`)
    .sort();
  const gaps = [...voter.justifications.values()].map(({ term }) => term).sort();
  const place = `${voter.term} ${voter.standing} ${voter.barrierTerm} ${name(voter.lastFinal.id)} ${voter.executedHeight}`;
  return [place, name(voter.target?.cert.entryId), sheets, entries, gaps, [...words.keys()].sort()].join("|");
}
