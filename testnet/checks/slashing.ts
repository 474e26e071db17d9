// slashing: no honest agent lost stake, by any peer's account (spec/log#S4; spec/money#S2).
import { toHex } from "../../src/base/index.js";
import { type Check, type Testimony, verdict } from "./testimony.js";

export function checkSlashing({ peers, honest, opening }: Testimony): Check {
  const wrongs: string[] = [];
  let slashed = 0;
  for (const peer of peers) {
    for (const { notice } of peer.sightings) {
      if (notice.kind !== "slashed") continue;
      slashed++;
      const agent = toHex(notice.agent);
      if (honest.has(agent))
        wrongs.push(`${peer.name} slashed the honest ${agent} of ${notice.amount} (${notice.evidence})`);
    }
    const stakes = new Map(peer.accounts.map(({ agent, stake }) => [agent, stake]));
    for (const { agent, stake } of opening) {
      const left = stakes.get(agent) ?? 0n;
      if (honest.has(agent) && left < stake) {
        wrongs.push(`at ${peer.name} the honest ${agent} has a stake of ${left}, and had ${stake}`);
      }
    }
  }
  return verdict("slashing", wrongs, `${honest.size} honest agents, none slashed; ${slashed} slashes in all`);
}
