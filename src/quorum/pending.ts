// Which operations are on their way already: those of certified entries that are not final, or final and not executed.
import type { Hex } from "../base/index.js";
import { toHex } from "../base/index.js";
import { type KnownEntry, opNames } from "./entries.js";
import type { Certified, Voter } from "./state.js";

const NONE: ReadonlySet<Hex> = new Set();

/** Entries above the last final one that have an AckCert and whose header is known; as `excludedOps`, made once. */
export function certifiedUnfinalised(voter: Voter): readonly Certified[] {
  voter.certified ??= collectCertified(voter);
  return voter.certified;
}

function collectCertified(voter: Voter): readonly Certified[] {
  const found: Certified[] = [];
  for (const term of voter.ackedTerms) {
    const sheet = voter.sheets.get(term);
    const known = sheet?.ackCert ? voter.entries.get(toHex(sheet.ackCert.entryId)) : undefined;
    if (sheet !== undefined && known !== undefined) found.push({ known, sinceMs: sheet.ackCertAtMs });
  }
  return found;
}

/** What a leader does not include again and a member does not wait for; made once for each change of the chain. */
export function excludedOps(voter: Voter): ReadonlySet<Hex> {
  voter.excluded ??= collectExcluded(voter);
  return voter.excluded;
}

function collectExcluded(voter: Voter): ReadonlySet<Hex> {
  const excluded = new Set<Hex>();
  const add = (known: KnownEntry | undefined): void => {
    if (known?.body) for (const name of opNames(known.body)) excluded.add(name);
  };
  for (const { known } of certifiedUnfinalised(voter)) add(known);
  for (let at = voter.entries.get(voter.lastFinal.hex); at !== undefined; ) {
    if (at.header.height <= voter.executedHeight) break;
    add(at);
    at = voter.entries.get(at.parentHex);
  }
  return excluded.size === 0 ? NONE : excluded;
}
