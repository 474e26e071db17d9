// What an honest member must never be seen to do: words that convict it, judged by the product's own evidence.
import { type Evidence, proposalEvidence, verifyEvidence, voteEvidence } from "../../../src/quorum/index.js";
import { CHAIN, MARKET } from "../harness/member.js";
import type { ExploredMember, Word } from "./member.js";
import { ELECTORATE, SEATS } from "./world.js";

/** The law that a member's words break, all of them ever said; null if none. I1–I5. */
export function faultOfMember({ words, world }: ExploredMember): string | null {
  const said = [...words.values()];
  for (const [i, a] of said.entries()) {
    for (const b of said.slice(i + 1)) {
      const evidence = a.term === b.term ? evidenceOf(a, b) : null;
      if (evidence === null) continue;
      const verdict = verifyEvidence(evidence, ELECTORATE, CHAIN, MARKET, SEATS.verifier);
      if (verdict.ok)
        return `${evidence.kind === "votes" ? evidence.type : "E5"} against honest seat ${world.self}`;
    }
  }
  return null;
}

export function evidenceOf(a: Word, b: Word): Evidence | null {
  if (a.kind === "vote" && b.kind === "vote") return voteEvidence(a.vote, b.vote);
  if (a.kind !== "propose" || b.kind !== "propose" || a.name === b.name) return null;
  return proposalEvidence(a.signed, b.signed);
}

/** I7: nothing new is said of a term that was at or below the floor. */
export function faultOfMove(before: ExploredMember, after: ExploredMember): string | null {
  const floor = before.voter.lastFinal.term;
  for (const [text, word] of after.words) {
    if (word.term <= floor && !before.words.has(text))
      return `I7: seat ${after.world.self} said ${text} below its floor`;
  }
  return null;
}
