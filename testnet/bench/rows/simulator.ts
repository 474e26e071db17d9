// Row: how fast the simulator lives, against life.
import { simulatorSpeed } from "../../lab/simulate/speed.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

export const SIMULATOR: RowPlan = {
  name: "simulator",
  unit: "virtual seconds per second: 7 members, idleMs 1000, 1 operation/s, faults and checkers",
  limit: "life",
  target: { of: "value", bound: "at least", amount: 200 },
};

const SEED = 1;
/** The compiler goes on learning for some seconds: a thousand runs spend next to nothing of their time there. */
const WARM_UP_MS = 600_000;
const MEASURED_MS = 600_000;

export async function simulatorRows(): Promise<readonly BenchRow[]> {
  const nowMs = (): number => performance.now();
  simulatorSpeed(SEED + 1_000, WARM_UP_MS, nowMs);
  const { virtualMs, wallMs } = simulatorSpeed(SEED, MEASURED_MS, nowMs);
  return [rowOf(SIMULATOR, virtualMs / wallMs, 1)];
}
