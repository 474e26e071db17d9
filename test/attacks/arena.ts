// Where attacks take place: four members in a process of their own, whose CPU and memory are theirs alone.
import { PhaseProcess } from "../../testnet/bench/phase.js";
import type { TargetState } from "../../testnet/bench/phases/flood-target.js";

const HOOKS = new URL("../node/typescript-hooks.mjs", import.meta.url).href;
const MAIN = new URL("../../testnet/bench/phase-main.ts", import.meta.url);

export const startArena = () =>
  PhaseProcess.start("flood-target", { main: MAIN, nodeFlags: ["--import", HOOKS, "--expose-gc"] });
export type Arena = ReturnType<typeof startArena>;

/** Where floods come from: a process that gives way, so that the members' losses are what they do for it themselves. */
export const startSource = () =>
  PhaseProcess.start("flood-source", { main: MAIN, nodeFlags: ["--import", HOOKS] });
export type Source = ReturnType<typeof startSource>;

/** How often something was counted since `before`, by all members. */
export const since = (before: TargetState, after: TargetState, label: string): number =>
  (after.counters[label] ?? 0) - (before.counters[label] ?? 0);

/** The log of every member has grown, and they agree on what they have in common. */
export function grown(before: TargetState, after: TargetState): boolean {
  return after.heights.every((height, i) => height > before.heights[i]!);
}
