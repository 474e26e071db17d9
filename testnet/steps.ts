// Steps: what a testnet does while it starts, each with what came of it and how long it took.
import { performance } from "node:perf_hooks";

export interface Step {
  /** what was done, as a person would say it */
  readonly text: string;
  readonly ms: number;
}

export type OnStep = (step: Step) => void;

/** Does `work`, then reports it as one step. */
export async function step<T>(
  onStep: OnStep,
  work: () => Promise<T>,
  text: (result: T) => string,
): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  onStep({ text: text(result), ms: performance.now() - startedAt });
  return result;
}
