// How far two agents that both wanted service came apart in what they were given (the bound of arXiv 2401.00588).
import type { Amounts } from "../../upstream/amounts.js";
import type { CallRecord } from "./call-record.js";
import type { Member } from "./crowd.js";

export interface ServiceGap {
  /** of all pairs of one band and all times between which both always wanted: the greatest difference by weight */
  readonly gap: number;
  /** the same, of what was counted in that time: output that is counted as it is written is given then (ADR 0085) */
  readonly gapAsCounted: number;
  /** twice the greatest cost of one request by its agent's weight */
  readonly bound: number;
}

interface Step {
  readonly atMs: number;
  /** at one time: who comes, then what is given, then who goes */
  readonly rank: 0 | 1 | 2;
  readonly agent: number;
  readonly given: number;
}

/** @param costOf what amounts are worth that the upstream counts: of a sum the sum */
export function serviceGap(
  crowd: readonly Member[],
  records: readonly CallRecord[],
  costOf: (counted: Amounts) => number,
): ServiceGap {
  const costs = records.map(({ agent, counted }) => costOf(counted) / crowd[agent]!.weight);
  const whole = records.flatMap(({ agent, takenMs }, at) =>
    takenMs === null ? [] : [given(agent, takenMs, costs[at]!)],
  );
  const counted = records.flatMap(({ agent, takenMs, later }, at) => {
    if (takenMs === null) return [];
    const parts = later.map(({ atMs, amounts }) =>
      given(agent, atMs, costOf(amounts) / crowd[agent]!.weight),
    );
    const first = costs[at]! - parts.reduce((sum, part) => sum + part.given, 0);
    return [given(agent, takenMs, first), ...parts];
  });
  const wants = records.flatMap(({ agent, readyMs, takenMs, endMs }): Step[] => {
    const comes: Step = { atMs: readyMs, rank: 0, agent, given: 0 };
    const goesMs = takenMs ?? endMs;
    return goesMs === null ? [comes] : [comes, { atMs: goesMs, rank: 2, agent, given: 0 }];
  });
  const taken = records.flatMap(({ takenMs }, at) => (takenMs === null ? [] : [costs[at]!]));
  return {
    gap: greatestGap(crowd, [...wants, ...whole]),
    gapAsCounted: greatestGap(crowd, [...wants, ...counted]),
    bound: 2 * Math.max(0, ...taken),
  };
}

const given = (agent: number, atMs: number, amount: number): Step => ({
  atMs,
  rank: 1,
  agent,
  given: amount,
});

function greatestGap(crowd: readonly Member[], steps: Step[]): number {
  steps.sort((a, b) => a.atMs - b.atMs || a.rank - b.rank);
  const agents = crowd.map(({ band }) => ({ band, wanting: 0, given: 0 }));
  /** by the lower agent's place times all plus the other's: of the difference since both want, the least and the greatest */
  const pairs = new Map<number, { least: number; most: number }>();
  let gap = 0;
  const withEach = (agent: number, act: (pair: number, difference: () => number) => void): void => {
    for (const [other, { band, wanting }] of agents.entries()) {
      if (other === agent || wanting === 0 || band !== agents[agent]!.band) continue;
      const [a, b] = other < agent ? [other, agent] : [agent, other];
      act(a * agents.length + b, () => agents[a]!.given - agents[b]!.given);
    }
  };
  for (const { rank, agent, given } of steps) {
    const own = agents[agent]!;
    if (rank === 0) {
      own.wanting += 1;
      if (own.wanting === 1)
        withEach(agent, (pair, difference) => pairs.set(pair, { least: difference(), most: difference() }));
    } else if (rank === 2) {
      own.wanting -= 1;
    } else {
      own.given += given;
      if (own.wanting === 0) continue;
      withEach(agent, (pair, difference) => {
        const known = pairs.get(pair)!;
        known.least = Math.min(known.least, difference());
        known.most = Math.max(known.most, difference());
        gap = Math.max(gap, known.most - known.least);
      });
    }
  }
  return gap;
}
