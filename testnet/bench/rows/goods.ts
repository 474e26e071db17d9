// Row: goods of 64 MiB from one party's disk to the other's, against a bare stream between two hosts.
import { byTurns, medianPair } from "../pairs.js";
import { withPhases } from "../phase.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

const MIB = 1024 * 1024;
const BYTES = 64 * MIB;
const TURNS = 5;

export const HANDOVER: RowPlan = {
  name: "handover",
  unit: "MiB/s: 64 MiB on loopback, from the delivery until sealed, proven and on the disk",
  limit: "a libp2p stream of as many bytes between two bare hosts, which are dropped",
  target: { of: "ratio", bound: "at least", amount: 0.3 },
};

export async function handoverRows(): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const [giver, taker] = [start("goods-ours"), start("goods-ours")];
    const [source, sink] = [start("goods-bare"), start("goods-bare")];
    const address = await giver.do("begin", { role: "giver", address: null });
    await taker.do("begin", { role: "taker", address });
    const served = await source.do("serve", BYTES);
    await sink.do("serve", 0);
    const speed = (ms: number): number => (BYTES * 1000) / MIB / ms;
    const bare = async () => speed(await sink.do("take", { address: served, bytes: BYTES }));
    let turn = 0;
    const ours = async () => {
      turn++;
      const hash = await giver.do("give", { turn, bytes: BYTES });
      await giver.do("delivered", { turn, hash });
      return speed(await taker.do("take", { turn, hash }));
    };
    await bare();
    await ours();
    const { ours: value, limit } = medianPair(await byTurns(TURNS, ours, bare));
    return [rowOf(HANDOVER, value, limit)];
  });
}
