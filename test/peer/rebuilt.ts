// The history that a host's log makes, executed from genesis for the host's own agents.
import { type Bytes, toHex } from "../../src/base/index.js";
import { historyBegins } from "../../src/peer/history/history.js";
import { Rebuild, type Rebuilt } from "../../src/peer/history/rebuild.js";
import { type Host, idOf, verifier } from "./cluster.js";

export function rebuilt(host: Host): ReadonlyMap<string, Bytes> {
  const rebuild = new Rebuild(host.genesis, new Set(host.agents.map((name) => toHex(idOf(name)))), verifier);
  const given: Rebuilt[] = [];
  for (const entry of host.log()) {
    const taken = rebuild.take(entry);
    if (!taken.ok) throw new Error(taken.error);
    given.push(...taken.value);
  }
  const rest = rebuild.end(host.live.tip.root);
  if (!rest.ok) throw new Error(rest.error);
  const rows = new Map<string, Bytes>();
  for (const write of [...historyBegins(1), ...[...given, ...rest.value].flatMap(({ writes }) => writes)])
    if (write.kind === "put") rows.set(write.key, write.value);
  return rows;
}
