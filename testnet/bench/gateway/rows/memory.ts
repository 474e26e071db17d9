// Row: what a gateway holds for requests that wait, beside the bytes of their bodies.
import { setTimeout as pause } from "node:timers/promises";
import { USUAL } from "../../../../node/cli/commands/gateway-flags.js";
import { withPhases } from "../../phase.js";
import { type BenchRow, type RowPlan, rowOf } from "../../report.js";

const WAITING = 1_000;
const BODY_BYTES = 100_000;
const MEGABYTE = 1_000_000;

export const MEMORY: RowPlan = {
  name: "gateway-memory",
  unit: `MB resident that a gateway grows by: ${WAITING} requests of ${BODY_BYTES / 1_000} kB wait`,
  limit: "their bodies",
  target: { of: "ratio", bound: "at most", amount: 2 },
};

/** One goes, and then none for a minute. */
const ONE_A_MINUTE = { dimension: "requests", limit: 1, windowMs: 60_000 } as const;
const STEP_MS = 50;

export async function memoryRows(_?: unknown, waiting = WAITING): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const [source, clients, gateway] = [
      start("stream-source"),
      start("waiting-clients"),
      start("gateway-ours"),
    ];
    const { url } = await gateway.do("start", {
      ...{ key: "sk-bench", speed: 1, crowd: [] },
      upstream: await source.do("url", null),
      rules: { ...USUAL, headroomBp: 0, limits: [ONE_A_MINUTE], output: "asked" },
    });
    const before = await gateway.do("bytes", null);
    await clients.do("begin", {
      url: `${url}/v1/chat/completions`,
      clients: waiting + 1,
      bodyBytes: BODY_BYTES,
    });
    while ((await gateway.do("counts", null)).waiting < waiting) await pause(STEP_MS);
    const after = await gateway.do("bytes", null);
    await clients.do("leave", null);
    return [rowOf(MEMORY, (after - before) / MEGABYTE, (waiting * BODY_BYTES) / MEGABYTE)];
  });
}
