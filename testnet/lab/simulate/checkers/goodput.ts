// goodput: offered twice what it can bear, a network makes seven tenths of its best, and something in every ten seconds.
import type { LoadPlan, LoadSample } from "../load.js";
import type { Checker, Trial } from "./checker.js";

/** What became of a load whose last stage is the overload; rates are operations a second. */
export interface Goodput {
  /** the best of the stages before it */
  readonly peak: number;
  readonly offered: number;
  readonly final: number;
  /** operations final in the poorest ten seconds of the whole load, once it has begun to flow */
  readonly poorest: number;
}

const LEAST_SHARE = 0.7;
const PEAK_WINDOW_S = 5;
const POOREST_WINDOW_S = 10;
/** So long a stage takes until its rate is what it shows. */
const SETTLING_S = 4;

/** @param samples one a second, from the beginning of the load on */
export function goodputOf(plan: LoadPlan, samples: readonly LoadSample[]): Goodput {
  const end = samples.length - 1;
  const overload = end - plan.stages.at(-1)!.forMs / 1_000;
  const count = (from: number, to: number): number => samples[to]!.final - samples[from]!.final;
  const windows = (from: number, to: number, seconds: number): number[] =>
    Array.from({ length: Math.max(0, to - seconds - from + 1) }, (_, i) =>
      count(from + i, from + i + seconds),
    );
  const from = overload + SETTLING_S;
  return {
    peak: Math.max(0, ...windows(0, overload, PEAK_WINDOW_S)) / PEAK_WINDOW_S,
    offered: (samples[end]!.offered - samples[overload]!.offered) / (end - overload),
    final: count(from, end) / (end - from),
    poorest: Math.min(...windows(SETTLING_S, end, POOREST_WINDOW_S)),
  };
}

export function goodputWrongs({ peak, final, poorest }: Goodput): readonly string[] {
  const wrongs: string[] = [];
  if (poorest === 0) wrongs.push(`${POOREST_WINDOW_S} s of load in which nothing became final`);
  if (final < LEAST_SHARE * peak) {
    wrongs.push(`${final.toFixed(1)} operations a second under overload, and ${peak.toFixed(1)} at best`);
  }
  return wrongs;
}

/** Looks when the load is over. */
export function goodputChecker(trial: Trial, plan: LoadPlan, samples: readonly LoadSample[]): Checker {
  return {
    healed() {
      for (const wrong of goodputWrongs(goodputOf(plan, samples))) trial.report("goodput", wrong);
    },
  };
}
