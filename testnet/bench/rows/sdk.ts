// Rows: how long an agent of the SDK takes from hearing of a lot to sending its bid, and to having it granted.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { clientFor } from "../../../node/sdk/agent/place.js";
import { type ApiClient, createAgent, follow } from "../../../node/sdk/index.js";
import { medianOf } from "../median.js";
import { Program } from "../program.js";
import { type BenchRow, type RowPlan, rowOf } from "../report.js";

const LIMIT = "the request for a bid alone, for the same lots";
export const SDK_SENT: RowPlan = {
  name: "sdk-sent",
  unit: "ms from a lot seen by an agent of the SDK to its bid sent; p50",
  limit: LIMIT,
  target: { of: "value", bound: "at most", amount: 10 },
};
export const SDK_GRANTED: RowPlan = {
  name: "sdk-granted",
  unit: "ms from a lot seen by an agent of the SDK to its bid granted, and on the daemon's disk; p50",
  limit: LIMIT,
  target: { of: "ratio", bound: "at most", amount: 2 },
};

const LOTS = 60;
const WARM_UP = 10;
const CAPABILITY = "bench.lot";
const CREDIT = 1_000_000n;

export async function sdkRows(): Promise<readonly BenchRow[]> {
  const testnet = await Program.start(["testnet", "up", "--peers", "1", "--agents", "0"]);
  try {
    await testnet.line(/^Testnet is ready/);
    const { sent, granted, bare } = await measured(testnet.home);
    return [rowOf(SDK_SENT, sent, bare), rowOf(SDK_GRANTED, granted, bare)];
  } finally {
    await testnet.stop();
  }
}

/** Medians, in ms. */
interface Medians {
  readonly sent: number;
  readonly granted: number;
  readonly bare: number;
}

async function measured(home: string): Promise<Medians> {
  const client = await clientFor({ home });
  const ending = new AbortController();
  const seenAt = new Map<string, number>();
  const bidAt = new Map<string, () => void>();
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const agent = createAgent({
    name: "bench",
    capabilities: [CAPABILITY],
    budget: { perAuction: CREDIT },
    daemon: { home },
    folder: join(home, "bench-agent"),
    say(line) {
      if (/^bench is /.test(line)) begin();
      bidAt.get(/^([0-9a-f]{10}) \S+ bid /.exec(line)?.[1] ?? "")?.();
    },
  }).value(CAPABILITY, () => CREDIT / 20n);
  const running = agent.run({ signal: ending.signal });
  const watching = (async () => {
    for await (const event of follow(client, "auction.opened", ending.signal))
      if (event?.type === "auction.opened") seenAt.set(event.auction, performance.now());
  })();
  try {
    await Promise.race([begun, running]);
    const rival = await newcomer(client);
    const sentMs: number[] = [];
    const grantedMs: number[] = [];
    const bareMs: number[] = [];
    for (let nth = 0; nth < LOTS + WARM_UP; nth++) {
      const sending = whenBidIsSent();
      const lot = { capability: CAPABILITY, units: 1, from: null, to: null };
      const body = { lot, lockups: [String(CREDIT / 10n)], commitMs: 60_000 };
      const { auction } = await client.ask("createAuction", { body }, "could not auction");
      const bid = new Promise<number>((resolve) =>
        bidAt.set(auction!.slice(0, 10), () => resolve(performance.now())),
      );
      const at = await Promise.race([bid, running.then(() => Number.NaN)]);
      sending.end();
      const startMs = performance.now();
      const own = { agent: rival, auction: auction!, amount: "1" };
      await client.ask("placeBid", { body: own }, "could not bid");
      if (nth < WARM_UP) continue;
      sentMs.push(sending.atMs - seenAt.get(auction!)!);
      grantedMs.push(at - seenAt.get(auction!)!);
      bareMs.push(performance.now() - startMs);
    }
    return { sent: medianOf(sentMs), granted: medianOf(grantedMs), bare: medianOf(bareMs) };
  } finally {
    ending.abort();
    await Promise.allSettled([running, watching]);
    await rm(join(home, "bench-agent"), { recursive: true, force: true });
  }
}

/** Another agent, whom the faucet has funded. */
async function newcomer(client: ApiClient): Promise<string> {
  for (;;) {
    const { agent, hasAccount } = await client.ask(
      "addAgent",
      { body: { name: "rival" } },
      "could not register",
    );
    if (hasAccount) return agent;
    await wait(100);
  }
}

/** Notes when a request for a bid leaves this process. */
function whenBidIsSent() {
  const ask = globalThis.fetch;
  const noted = {
    atMs: Number.NaN,
    end() {
      globalThis.fetch = ask;
    },
  };
  globalThis.fetch = (input, init) => {
    if (init?.method === "POST" && String(input).endsWith("/v1/bids")) noted.atMs = performance.now();
    return ask(input, init);
  };
  return noted;
}
