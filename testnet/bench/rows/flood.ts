// Row: what becomes final under a flood of invalid signatures, against the same members undisturbed.
import { byTurns, medianPair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { finalPerSecond } from "../phases/flood-target.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

export const FLOOD: RowPlan = {
  name: "flood",
  unit: "operations final per s: 4 seats in one process, 140 clients with 4 per s each, 5,000 invalid signatures per s from 1 peer",
  limit: "the same without the flood",
  target: { of: "ratio", bound: "at least", amount: 0.8 },
};

const PER_SECOND = 5000;
const WARM_UP_MS = 3000;
const TURN_MS = 1500;
const TURNS = 11;
/** With as much each as admission lets an author relay: together more than the members can make final. */
const CLIENTS = 140;

/** The peer that floods comes back under another name whenever it is shut out; it is there before it is measured. */
export async function floodRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const [members, source] = [start("flood-target"), start("flood-source")];
    const target = await members.do("target", null);
    const rate = async (): Promise<number> => {
      return finalPerSecond(await members.do("trade", { ms: TURN_MS, clients: CLIENTS }));
    };
    await members.do("trade", { ms: WARM_UP_MS, clients: CLIENTS });
    await source.do("start", { target, peers: 1, perSecond: PER_SECOND, comesBack: true });
    await source.do("rest", null);
    const flooded = async (): Promise<number> => {
      await source.do("resume", null);
      const measured = await rate();
      await source.do("rest", null);
      return measured;
    };
    const { ours, limit } = medianPair(await byTurns(TURNS, flooded, rate));
    const { sent, names } = await source.do("stop", null);
    const content = `${Math.round(sent / (TURNS * (TURN_MS / 1000)))} per s were sent, under ${names} names`;
    return [rowOf({ ...FLOOD, limit: `${FLOOD.limit}; ${content}` }, ours, limit)];
  });
}
