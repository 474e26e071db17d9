// How far two agents that both wanted service came apart in what they were given (the bound of arXiv 2401.00588).
import type { CallRecord } from "./call-record.js";
import type { Member } from "./crowd.js";

export interface ServiceGap {
  /** of all pairs of one band and all times between which both always wanted: the greatest difference by weight */
  readonly gap: number;
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

/** @param costOf what a call is worth, by what the upstream counted of it */
export function serviceGap(
  crowd: readonly Member[],
  records: readonly CallRecord[],
  costOf: (record: CallRecord) => number,
): ServiceGap {
  const steps = records.flatMap((record): Step[] => {
    const { agent, readyMs, takenMs, endMs } = record;
    const given = takenMs === null ? 0 : costOf(record) / crowd[agent]!.weight;
    const comes: Step = { atMs: readyMs, rank: 0, agent, given: 0 };
    if (takenMs !== null)
      return [comes, { atMs: takenMs, rank: 1, agent, given }, { atMs: takenMs, rank: 2, agent, given: 0 }];
    return endMs === null ? [comes] : [comes, { atMs: endMs, rank: 2, agent, given: 0 }];
  });
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
      withEach(agent, (pair, difference) => {
        const known = pairs.get(pair)!;
        known.least = Math.min(known.least, difference());
        known.most = Math.max(known.most, difference());
        gap = Math.max(gap, known.most - known.least);
      });
    }
  }
  const most = Math.max(0, ...steps.map(({ given }) => given));
  return { gap, bound: 2 * most };
}
