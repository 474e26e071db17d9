// Members that say nothing for a while, and members that say everything at the last moment.
import type { Outgoing } from "../../../../src/peer/ready.js";
import { rewriting } from "./rewrite.js";
import { type Forger, nothing, type Strategy, soon } from "./strategy.js";

const isGossip = (outgoing: Outgoing): boolean => outgoing.to === "topic";

/** Silent in the quorum: always, or in turns of a few seconds. */
export const silence: Strategy = (_forger, random) => {
  const alwaysSilent = random.chance(0.5);
  const turnMs = random.between(2_000, 8_000);
  return {
    speak(outgoing, nowMs) {
      const isSilent = alwaysSilent || Math.floor(nowMs / turnMs) % 2 === 0;
      return outgoing.filter((one) => !isSilent || isGossip(one)).map((one) => soon(one));
    },
    hear: nothing,
  };
};

/** Whatever it says to members, it says late: about as late as the others wait. */
export const stall: Strategy = (forger, random) => {
  const lateMs = random.pick([1, 2, 3]) * forger.deltaMs;
  return {
    speak: (outgoing) =>
      outgoing.map((one) =>
        isGossip(one) ? soon(one) : soon(one, Math.max(0, lateMs - random.between(0, 20))),
      ),
    hear: nothing,
  };
};

/** What a message needs on its way, with room. */
const LINK_MS = 12;

/** How long after the honest moment the others give up on a leader: 2Δ, and with work 2Δ more (R1). */
export const patienceMs = ({ deltaMs }: Forger, hasWork: boolean): number =>
  Math.max(0, (hasWork ? 4 : 2) * deltaMs - LINK_MS);

/** Leads just before the others would give up on it, each turn; in everything else it is prompt. */
export const lastMoment: Strategy = (forger) => ({
  speak: rewriting(
    forger,
    (own) => own,
    ({ entry }) => patienceMs(forger, entry.ops.length > 0),
  ),
  hear: nothing,
});
