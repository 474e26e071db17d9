// A gateway before the test upstream, for one request of an official client.
import { setTimeout as wait } from "node:timers/promises";
import { Books } from "../../../../node/gateway/books/books.js";
import { MemoryDisk } from "../../../../node/gateway/books/memory-disk.js";
import { startGateway } from "../../../../node/gateway/gateway.js";
import { UNKNOWN } from "../../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../../node/gateway/named/named-agents.js";
import type { Passed } from "../../../../node/gateway/passed.js";
import type { PoolRules } from "../../../../src/quota/index.js";
import type { Limit } from "../../../../testnet/upstream/amounts.js";
import type { Clock } from "../../../../testnet/upstream/clock.js";
import type { DialectName } from "../../../../testnet/upstream/dialects/dialects.js";
import { type Fault, faultsInOrder } from "../../../../testnet/upstream/faults.js";
import type { LimiterRules } from "../../../../testnet/upstream/limiter.js";
import { plainRules, type UpstreamRules, USUAL_KEY } from "../../../../testnet/upstream/rules.js";
import { startUpstream, type Upstream } from "../../../../testnet/upstream/upstream.js";
import { manualClock } from "../../../testnet/upstream/world.js";
import { RULES } from "../stage.js";
import { testClock } from "../test-clock.js";

export interface Staged {
  /** what happens to requests, in their order; then nothing does */
  readonly faults?: readonly (Fault | null)[];
  /** of the upstream's key, which the gateway does not know; the upstream's time goes on only when it refuses */
  readonly limits?: readonly Limit[];
  /** tokens that the key may still use */
  readonly paidTokens?: number;
  readonly upstream?: Partial<UpstreamRules>;
  readonly pool?: Partial<PoolRules>;
  /** the gateway's key, where it is not the upstream's */
  readonly key?: string;
  /** micro-credits that those without a key of the gateway's may spend in a week */
  readonly perWeek?: bigint;
  /** the gateway's time stands still, until a row moves it */
  readonly isStill?: true;
}

const NO_LIMITS: Omit<LimiterRules, "limits"> = {
  burstMs: null,
  countsFailed: false,
  acceleration: null,
  hidden: null,
};

const POOL: PoolRules = {
  ...RULES,
  limits: [{ dimension: "requests", limit: 1_000, windowMs: 60_000 }],
  congestion: { ...RULES.congestion, pauseMs: 20 },
  maxWaitingPerFlow: RULES.maxWaiting,
};

export interface Stage {
  readonly upstream: Upstream;
  /** of the upstream, without the path at which clients begin */
  readonly direct: string;
  /** of the gateway */
  readonly url: string;
  readonly counts: { readonly waiting: number; readonly running: number };
  /** what became of requests that asked for a turn, in the order of their ends */
  readonly passed: readonly Passed[];
  /** So much of the gateway's time goes by, where that stands still. */
  pass(ms: number): void;
  close(): Promise<void>;
}

/** Time stands still at the upstream, so that what is written later waits longer, however slow this machine is. */
const sleep: Clock["sleep"] = async (ms, signal) => {
  if (ms > 0) await wait(ms, undefined, { signal }).catch(() => undefined);
};

export async function stage(dialect: DialectName, staged: Staged = {}): Promise<Stage> {
  const { faults = [], limits = [], paidTokens = null } = staged;
  const clock = manualClock();
  const rules = {
    ...plainRules(dialect, { nowMs: clock.nowMs, sleep }, 1, {}),
    customers: [{ key: USUAL_KEY, limits: { ...NO_LIMITS, limits }, paidTokens }],
    faults: faultsInOrder(faults),
    ...staged.upstream,
  };
  const upstream = await startUpstream(rules, 0, ({ over }) => {
    for (const { limit } of over) clock.pass(limit.windowMs);
  });
  const direct = new URL(upstream.url).origin;
  const passed: Passed[] = [];
  const still = staged.isStill ? testClock() : null;
  const books = await Books.open(new MemoryDisk(), (still?.wallMs ?? Date.now)());
  const named = NamedAgents.open(null);
  if (staged.perWeek !== undefined) await named.set(UNKNOWN, { limits: { perWeek: staged.perWeek } });
  const gateway = await startGateway({
    upstream: new URL(direct),
    key: staged.key ?? USUAL_KEY,
    rules: { ...POOL, ...staged.pool },
    listen: { host: "127.0.0.1", port: 0 },
    named,
    sharedLimits: true,
    books,
    ...(still === null ? {} : { clock: still }),
    onEvent: (event) => {
      if (event.kind === "passed") passed.push(event.passed);
    },
  });
  return {
    upstream,
    direct,
    url: gateway.url,
    passed,
    pass: (ms) => still!.pass(ms),
    get counts() {
      return gateway.counts;
    },
    async close() {
      await gateway.close();
      await upstream.close();
    },
  };
}
