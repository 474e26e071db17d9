// Rows: what a gateway adds to the time of a stream at 200 requests a second, and what one costs it.
import { type PhaseProcess, withPhases } from "../../phase.js";
import { cpuMsOf } from "../../process-cpu.js";
import { type Audience, type BenchRow, type RowPlan, rounded, rowOf } from "../../report.js";
import { GatewayProgram } from "../gateway-program.js";
import { quantileOf } from "../outcome.js";
import { PORTKEY, Portkey } from "../portkey.js";

const RATE = 200;
const WHAT = `${RATE} streams a second, 8 kB asked, 33 events answered, one process`;
const added = (name: string, what: string, amount: number): RowPlan => ({
  name,
  unit: `ms added, ${what}: ${WHAT}`,
  limit: "the same without a gateway, of the whole",
  target: { of: "value", bound: "at most", amount },
});
const FIRST_P50 = added("gateway-first-p50", "to the first byte, p50", 0.5);
const FIRST_P99 = added("gateway-first-p99", "to the first byte, p99", 2);
const WHOLE_P50 = added("gateway-whole-p50", "to the last byte, p50", 0.5);
const WHOLE_P99 = added("gateway-whole-p99", "to the last byte, p99", 2);
const CPU: RowPlan = {
  name: "gateway-cpu",
  unit: `CPU-µs per request: ${WHAT}`,
  limit: PORTKEY,
  target: { of: "ratio", bound: "at most", amount: 1 / 3 },
};
export const ADDED: readonly RowPlan[] = [FIRST_P50, FIRST_P99, WHOLE_P50, WHOLE_P99, CPU];

/** They keep nobody waiting. */
const LIMITS = ["--rpm", "10000000", "--tpm", "1000000000"];
const PROMPT_CHARS = 8_000;
const COLUMNS = ["first byte p50 ms", "p99 ms", "last byte p50 ms", "p99 ms", "CPU-µs a request", "failed"];

export interface AddedSize {
  /** not measured: the compiler learns */
  readonly warmUps: number;
  readonly rounds: number;
  readonly roundMs: number;
}

/** What is asked, and whose CPU time counts. */
interface Way {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  cpuMs(): Promise<number | null>;
}

interface Figures {
  readonly first: number[];
  readonly whole: number[];
  failed: number;
  cpuMs: number;
}

/** By turns, so that whatever else the machine does falls on all. */
export async function addedRows(
  audience: Pick<Audience, "table">,
  { warmUps, rounds, roundMs }: AddedSize = { warmUps: 4, rounds: 8, roundMs: 4_000 },
): Promise<readonly BenchRow[]> {
  return withPhases(async (start) => {
    const [source, load, bare] = [start("stream-source"), start("stream-load"), start("bare-proxy")];
    const url = await source.do("url", null);
    const ours = await GatewayProgram.start(url, LIMITS);
    const portkey = await Portkey.start();
    try {
      const ways = waysTo(url, { ours, portkey, bare, bareUrl: await bare.do("before", url) });
      const figures = new Map<string, Figures>();
      for (let round = 0; round < warmUps + rounds; round++) {
        for (const way of ways) {
          const measured = await measure(load, way, roundMs);
          if (round >= warmUps) put(figures, way.name, measured);
        }
      }
      audience.table({
        name: "gateway-added",
        what: `${WHAT}; of each ${rounds} rounds of ${roundMs / 1_000} s, by turns`,
        columns: COLUMNS,
        ways: [...figures].map(([name, one]) => ({ name, figures: cells(one) })),
      });
      return rowsOf(figures);
    } finally {
      await Promise.all([ours.stop(), portkey?.stop()]);
    }
  });
}

const DIRECT = "no gateway";
const OURS = "mabeam";
const BARE = "a proxy with nothing in it";

interface Proxies {
  readonly ours: GatewayProgram;
  readonly portkey: Portkey | null;
  readonly bare: PhaseProcess<"bare-proxy">;
  readonly bareUrl: string;
}

function waysTo(url: string, { ours, portkey, bare, bareUrl }: Proxies): readonly Way[] {
  const path = "/v1/chat/completions";
  const ways: Way[] = [
    { name: DIRECT, url: `${url}${path}`, headers: {}, cpuMs: async () => 0 },
    { name: BARE, url: `${bareUrl}${path}`, headers: {}, cpuMs: () => bare.do("cpuMs", null) },
    { name: OURS, url: `${ours.url}${path}`, headers: {}, cpuMs: () => ours.cpuMs() },
  ];
  if (portkey !== null)
    ways.push({
      name: PORTKEY,
      url: `${portkey.url}${path}`,
      headers: portkey.headersFor(`${url}/v1`, "x-request-id"),
      cpuMs: () => cpuMsOf(portkey.pid),
    });
  return ways;
}

async function measure(load: PhaseProcess<"stream-load">, way: Way, ms: number): Promise<Figures> {
  const before = await way.cpuMs();
  const { first, whole, failed } = await load.do("ask", {
    ...{ url: way.url, headers: way.headers, ms },
    perSecond: RATE,
    promptChars: PROMPT_CHARS,
  });
  const after = await way.cpuMs();
  return {
    first: [...first],
    whole: [...whole],
    failed,
    cpuMs: (after ?? Number.NaN) - (before ?? Number.NaN),
  };
}

function put(figures: Map<string, Figures>, name: string, one: Figures): void {
  const known = figures.get(name) ?? { first: [], whole: [], failed: 0, cpuMs: 0 };
  known.first.push(...one.first);
  known.whole.push(...one.whole);
  known.failed += one.failed;
  known.cpuMs += one.cpuMs;
  figures.set(name, known);
}

const cpuOf = ({ cpuMs, whole, failed }: Figures): number =>
  (cpuMs * 1_000) / Math.max(1, whole.length + failed);

const cells = (one: Figures): readonly number[] =>
  [
    quantileOf(one.first, 0.5),
    quantileOf(one.first, 0.99),
    quantileOf(one.whole, 0.5),
    quantileOf(one.whole, 0.99),
    cpuOf(one),
    one.failed,
  ].map(rounded);

function rowsOf(figures: ReadonlyMap<string, Figures>): readonly BenchRow[] {
  const [direct, ours] = [figures.get(DIRECT)!, figures.get(OURS)!];
  const addedAt = (plan: RowPlan, of: "first" | "whole", part: number): BenchRow => {
    const without = quantileOf(direct[of], part);
    return rowOf(plan, quantileOf(ours[of], part) - without, without);
  };
  const portkey = figures.get(PORTKEY);
  return [
    addedAt(FIRST_P50, "first", 0.5),
    addedAt(FIRST_P99, "first", 0.99),
    addedAt(WHOLE_P50, "whole", 0.5),
    addedAt(WHOLE_P99, "whole", 0.99),
    ...(portkey === undefined ? [] : [rowOf(CPU, cpuOf(ours), cpuOf(portkey))]),
  ];
}
