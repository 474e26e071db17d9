// Row: how soon a client is answered after a gateway has died and is started again, a hundred of them waiting.
import { setTimeout as pause } from "node:timers/promises";
import { withPhases } from "../../phase.js";
import { MOST_WAIT_MS } from "../../phases/waiting-clients.js";
import { type BenchRow, type RowPlan, rowOf } from "../../report.js";
import { GatewayProgram } from "../gateway-program.js";

const WAITING = 100;
/** A minute's requests; those that go at once are as many, less the headroom. */
const RPM = 60;

export const RESTART: RowPlan = {
  name: "gateway-restart",
  unit: `s from the death of a gateway to the first answer of one started again: ${WAITING} clients wait`,
  limit: "until it serves",
  target: { of: "value", bound: "at most", amount: 2 },
};

/** All have asked, and those that may have been answered, long before. */
const SETTLE_MS = 3_000;

export async function restartRows(_?: unknown, waiting = WAITING): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const [source, clients] = [start("stream-source"), start("waiting-clients")];
    const gateway = await GatewayProgram.start(await source.do("url", null), ["--rpm", String(RPM)]);
    try {
      await clients.do("begin", {
        url: `${gateway.url}/v1/chat/completions`,
        clients: RPM + waiting,
        bodyBytes: 2_000,
      });
      await pause(SETTLE_MS);
      const diedMs = Date.now();
      await gateway.crashAndStart();
      const servesMs = Date.now();
      const { answeredMs } = await clients.do("answeredAfter", diedMs);
      // Where nobody is answered any more, it is told as long as was waited for it.
      const firstMs = answeredMs.find((ms) => ms >= diedMs) ?? diedMs + MOST_WAIT_MS;
      await clients.do("leave", null);
      return [rowOf(RESTART, (firstMs - diedMs) / 1_000, (servesMs - diedMs) / 1_000)];
    } finally {
      await gateway.stop();
    }
  });
}
