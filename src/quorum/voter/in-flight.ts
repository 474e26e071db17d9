// In flight: the entries below a proposal that are not executed here, which its leader and its judges reckon with (R2, R3).
import { type Bytes, type Hash, toHex } from "../../base/index.js";
import type { KnownEntry } from "../log/entries.js";
import type { Header } from "../log/message.js";
import type { Want } from "./catch-up.js";
import type { Voter } from "./state.js";
import type { Candidate } from "./term-sheet.js";
import { isOpen } from "./turn.js";

/** Operations in the order of the log; or the highest entry whose header or operations are not here. */
type InFlight =
  | { readonly kind: "whole"; readonly ops: readonly Bytes[] }
  | { readonly kind: "missing"; readonly id: Hash };

/** What lies above the own execution, up to an entry at `height`. */
export function inFlightTo(voter: Voter, id: Hash, height: number): InFlight {
  const bodies: (readonly Bytes[])[] = [];
  let next = id;
  for (let at = height; at > voter.executedHeight; at--) {
    const known = voter.entries.get(toHex(next));
    if (known === undefined) return { kind: "missing", id: next };
    if (known.body === null && known.header.opsCount > 0) return { kind: "missing", id: next };
    if (known.body !== null) bodies.push(known.body.ops);
    next = known.header.parent;
  }
  return { kind: "whole", ops: bodies.reverse().flat() };
}

/** An entry that is within the allowance, whatever it holds: nothing about it needs to be known. */
function isSmall({ config }: Voter, { opsCount, opsBytes }: Header): boolean {
  const { operations, bytes } = config.rules.unjudged;
  return opsCount <= operations && opsBytes <= bytes;
}

/**
 * R3: whether little of the entry is idle. A candidate waits, unanswered, until own execution has come to its leader's and
 * every entry below is here; with each of these it is looked at again. One of which too much is idle is refused for good.
 */
export function isWorthItsRoom(voter: Voter, { header, body }: KnownEntry, candidate: Candidate): boolean {
  if (isSmall(voter, header)) return true;
  if (body === null || voter.executedHeight < header.execHeight) return false;
  const below = inFlightTo(voter, header.parent, header.height - 1);
  if (below.kind === "missing") return false;
  const { application, rules } = voter.config;
  if (rules.mayCarry(application.idleAmong(header, body.ops, below.ops), header)) return true;
  candidate.refused = true;
  return false;
}

/**
 * R3's want: what is missing below a candidate that has to be judged, and that is a child of what is certified: what a
 * quorum vouches for is judged by the entry, and a liar could name anything.
 */
export function inFlightWants(voter: Voter): Want[] {
  const candidate = voter.sheets.get(voter.term)?.candidate ?? null;
  if (candidate === null || !candidate.leads || candidate.refused || !isOpen(voter, voter.term)) return [];
  const header = voter.entries.get(candidate.hex)?.header;
  if (header === undefined || isSmall(voter, header)) return [];
  const below = inFlightTo(voter, header.parent, header.height - 1);
  if (below.kind === "whole") return [];
  const { id } = below;
  return [{ name: `entry/${toHex(id)}`, message: { kind: "getEntry", entryId: id }, seat: header.leader }];
}
