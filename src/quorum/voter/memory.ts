// What a voter remembers of entries and terms, and forgets when it serves no rule any more.
import type { KnownEntry } from "../log/entries.js";
import { RECENT_FINAL_TERMS } from "../log/limits.js";
import { KEY } from "../log/rows.js";
import type { Voter } from "./state.js";
import { remove, type Turn } from "./turn.js";

/** Remembers an entry for later rules; the known one if it is known already. */
export function rememberEntry(voter: Voter, fresh: KnownEntry): KnownEntry {
  const known = voter.entries.get(fresh.hex);
  if (known === undefined) {
    voter.entries.set(fresh.hex, fresh);
    voter.certified = null;
    voter.excluded = null;
    return fresh;
  }
  known.body ??= fresh.body;
  known.leaderSig ??= fresh.leaderSig;
  return known;
}

/** Drops state that only served terms now final: dead branches, old bodies, roots that no header can name. */
export function dropBelowFinal(turn: Turn): void {
  const { voter } = turn;
  const { term, hex } = voter.lastFinal;
  voter.certified = null;
  for (const acked of voter.ackedTerms) if (acked <= term) voter.ackedTerms.delete(acked);
  for (const known of voter.entries.values()) {
    if (known.header.term > term) continue;
    if (known.stored) remove(turn, KEY.entry(known.hex));
    known.stored = false;
    if (known.header.term < term - RECENT_FINAL_TERMS) known.body = null;
    if (voter.finalTerms.get(known.header.term) !== known.hex) voter.entries.delete(known.hex);
  }
  for (const [name, { term: of }] of voter.justifications) {
    if (of < term - RECENT_FINAL_TERMS) voter.justifications.delete(name);
  }
  const { execHeight } = voter.entries.get(hex)!.header;
  for (const height of voter.roots.keys()) {
    if (height >= execHeight) continue;
    voter.roots.delete(height);
    remove(turn, KEY.root(height));
  }
}

/** Forgets the sheets of terms that the rules let go, and the headers of final entries as old (spec/persistence#points). */
export function prune(turn: Turn): void {
  const { voter } = turn;
  const { keepTerms, rules } = voter.config;
  const bound = rules.prunesBelow(voter.lastFinal.term, voter.term, keepTerms);
  if (bound <= voter.prunedBelow) return;
  voter.prunedBelow = bound;
  for (const [term, sheet] of voter.sheets) {
    if (term >= bound) continue;
    for (const key of sheet.rows) remove(turn, key);
    voter.sheets.delete(term);
  }
  const finalBound = Math.min(bound, voter.lastFinal.term - keepTerms);
  voter.finalFromTerm = Math.max(voter.finalFromTerm, finalBound - 1);
  for (const [term, hex] of voter.finalTerms) {
    if (term >= finalBound) continue;
    voter.finalTerms.delete(term);
    voter.entries.delete(hex);
  }
}
