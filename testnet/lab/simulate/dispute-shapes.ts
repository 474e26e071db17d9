// Shapes of runs in which one delivery is disputed, and everybody has a say.
import type { DisputePlan, Voice } from "./disputes.js";
import { oneTrade } from "./market-shapes.js";
import type { Scenario } from "./scenario.js";

/** Everybody says this once. @param shares by host, in bp; null: nothing is wrong */
export const finding = (...shares: readonly (number | null)[]): readonly Voice[] =>
  shares.map((share) => ({ share, speaks: "once" }));

export const SILENT: Voice = { share: null, speaks: "never" };

/** Of the hosts the first sells, and the last buys. @param voices by host */
export const oneDispute = (
  voices: readonly Voice[],
  disputes: DisputePlan["disputes"] = "plain",
): ((scenario: Scenario) => Scenario) => oneTrade({ isAccepted: false, dispute: { disputes, voices } });

/** The same where all hosts have a seat. */
export const amongSeats =
  (...dispute: Parameters<typeof oneDispute>) =>
  (scenario: Scenario): Scenario =>
    oneDispute(...dispute)({ ...scenario, peers: scenario.quorum });
