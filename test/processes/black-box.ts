// The black boxes: what every member has ever signed, over all its lives, judged without the program's own rules.
import { existsSync, readFileSync } from "node:fs";

/** One message that a member signed: `kept` when it was durable, `said` when it left the process. */
export interface Signed {
  readonly how: "kept" | "said";
  readonly type: "propose" | "ack" | "skip" | "commit";
  readonly term: number;
  readonly id: string;
}

/** What a member's black box holds; a line that a kill cut short was never followed by a message. */
export function readBox(path: string): readonly Signed[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  lines.pop();
  return lines.map((line) => JSON.parse(line) as Signed);
}

/** Every pair of one member's that convicts it (spec/evidence#faults), as sentences. Pairs an honest one may sign are none. */
export function contradictionsIn(box: readonly Signed[]): readonly string[] {
  const found = new Set<string>();
  const terms = new Map<number, Signed[]>();
  for (const one of box) terms.set(one.term, [...(terms.get(one.term) ?? []), one]);
  for (const [term, all] of terms) {
    const ids = (type: Signed["type"]) => new Set(all.filter((one) => one.type === type).map(({ id }) => id));
    const [proposed, acked, skipped, committed] = [ids("propose"), ids("ack"), ids("skip"), ids("commit")];
    if (proposed.size > 1) found.add(`two proposals in term ${term}`);
    if (acked.size > 1) found.add(`two ACKs in term ${term}`);
    if (committed.size > 1) found.add(`two COMMITs in term ${term}`);
    if (skipped.size > 0 && committed.size > 0) found.add(`SKIP and COMMIT in term ${term}`);
    for (const id of committed) {
      if (acked.size > 0 && !acked.has(id)) found.add(`COMMIT against its own ACK in term ${term}`);
    }
  }
  return [...found].sort();
}

/** What was said and never kept: durable before audible, broken. */
export function saidUnkept(box: readonly Signed[]): readonly string[] {
  const name = ({ type, term, id }: Signed) => `${type} of term ${term} ${id.slice(0, 8)}`;
  const kept = new Set(box.filter(({ how }) => how === "kept").map(name));
  return [...new Set(box.filter(({ how }) => how === "said").map(name))].filter((one) => !kept.has(one));
}
