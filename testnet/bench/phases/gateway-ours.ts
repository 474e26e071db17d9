// The phase of a gateway, alone in a process: by a clock that runs faster, with agents that show keys of their own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Books } from "../../../node/gateway/books/books.js";
import { type GatewayClock, gatewayClock } from "../../../node/gateway/clock.js";
import { type RunningGateway, startGateway } from "../../../node/gateway/gateway.js";
import { NO_SPENDING_LIMITS } from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import type { PoolRules } from "../../../src/quota/index.js";
import type { Member } from "../gateway/crowd.js";

export interface GatewayPlan {
  readonly upstream: string;
  readonly key: string;
  readonly rules: PoolRules;
  readonly speed: number;
  readonly crowd: readonly Member[];
}

export interface StartedGateway {
  readonly url: string;
  /** by agent */
  readonly keys: Readonly<Record<string, string>>;
}

export async function open() {
  let running: RunningGateway | null = null;
  let troubles = 0;
  const folder = await mkdtemp(join(tmpdir(), "mabeam-bench-books-"));
  const close = async () => {
    await running?.close();
    running = null;
  };

  return {
    jobs: {
      async start({ upstream, key, rules, speed, crowd }: GatewayPlan): Promise<StartedGateway> {
        const named = NamedAgents.open(null);
        const keys: Record<string, string> = {};
        for (const { name, weight, band } of crowd) {
          const added = await named.add(name, { weight, band, parent: null, limits: NO_SPENDING_LIMITS }, 0n);
          if (!added.ok) throw new Error(`the agent ${name} was not added: ${added.error.code}`);
          keys[name] = added.value.key;
        }
        const clock = fastClock(speed);
        // As a user has them: on the disk, empty at each start.
        await rm(folder, { recursive: true, force: true });
        const books = await Books.open(folder, clock.wallMs());
        running = await startGateway({
          ...{ key, rules, named, books, clock },
          upstream: new URL(upstream),
          listen: { host: "127.0.0.1", port: 0 },
          budgets: { trouble: null, budgetOf: () => null },
          fail: "closed",
          onEvent: ({ kind }) => {
            if (kind === "accident") troubles += 1;
          },
        });
        return { url: running.url, keys };
      },

      async counts(): Promise<{
        readonly waiting: number;
        readonly running: number;
        readonly troubles: number;
      }> {
        return { waiting: 0, running: 0, ...running?.counts, troubles };
      },

      /** Bytes after all garbage is gone. */
      async bytes(): Promise<{ readonly resident: number; readonly held: number }> {
        for (let turn = 0; turn < 3; turn++) {
          globalThis.gc?.();
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        const { rss, heapUsed, external } = process.memoryUsage();
        return { resident: rss, held: heapUsed + external };
      },

      stop: close,
    },
    async close() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The gateway's own clock, so many times as fast. */
function fastClock(speed: number): GatewayClock {
  const plain = gatewayClock();
  const [begunMs, begunWallMs] = [performance.now(), Date.now()];
  const passedMs = (): number => Math.floor((performance.now() - begunMs) * speed);
  return {
    nowMs: passedMs,
    wallMs: () => begunWallMs + passedMs(),
    later: (ms, run) => plain.later(ms / speed, run),
  };
}
