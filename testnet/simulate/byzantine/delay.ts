// Members that say nothing for a while, and members that say everything at the last moment.
import type { Outgoing } from "../../../src/peer/ready.js";
import { type Strategy, soon } from "./strategy.js";

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
    hear: () => [],
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
    hear: () => [],
  };
};
