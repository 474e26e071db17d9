// Row: what becomes final under a flood of invalid signatures, against the same members undisturbed.
import { byTurns, medianPair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

export const FLOOD: RowPlan = {
  name: "flood",
  unit: "operations final per s: 4 seats, 24 clients with 4 per s each, 5,000 invalid signatures per s from 1 peer",
  limit: "the same without the flood",
  target: { of: "ratio", bound: "at least", amount: 0.8 },
};

const PER_SECOND = 5000;
const WARM_UP_MS = 3000;
const TURN_MS = 4000;
const TURNS = 5;
const CLIENTS = 24;

/** The peer that floods comes back under another name whenever it is shut out. */
export async function floodRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const [members, source] = [start("flood-target"), start("flood-source")];
    const target = await members.do("target", null);
    const rate = async (): Promise<number> => {
      const { operations, wallMs } = await members.do("trade", { ms: TURN_MS, clients: CLIENTS });
      return (operations * 1000) / wallMs;
    };
    let sent = 0;
    let names = 0;
    const flooded = async (): Promise<number> => {
      await source.do("start", { target, peers: 1, perSecond: PER_SECOND, comesBack: true });
      const measured = await rate();
      const report = await source.do("stop", null);
      sent += report.sent;
      names += report.names;
      return measured;
    };
    await members.do("trade", { ms: WARM_UP_MS, clients: CLIENTS });
    const { ours, limit } = medianPair(await byTurns(TURNS, flooded, rate));
    const content = `${Math.round(sent / (TURNS * (TURN_MS / 1000)))} per s were sent, under ${names} names`;
    return [rowOf({ ...FLOOD, limit: `${FLOOD.limit}; ${content}` }, ours, limit)];
  });
}
