// Bare hosts: what they add to a process, many or one.
import { setTimeout as pause } from "node:timers/promises";
import { dialPlan } from "../../dialling.js";
import { defaultQuorum } from "../../plan.js";
import { type BareHost, bareHost, dialAll } from "../bare-host.js";
import { costOf } from "../cost.js";

const SETTLE_MS = 5000;
const TOPICS = ["evidence", "final", "ops"];

export async function open() {
  const hosts: BareHost[] = [];
  return {
    jobs: {
      /** Bytes that each host adds to what the process holds with all code loaded; linked like peers of a testnet. */
      async bytesOfEach(count: number): Promise<number> {
        const before = process.memoryUsage.rss();
        for (let i = 0; i < count; i++) hosts.push(await bareHost(TOPICS));
        await dialAll(hosts, dialPlan(count, defaultQuorum(count), 1));
        await pause(SETTLE_MS);
        return (process.memoryUsage.rss() - before) / count;
      },
      /** Hundredths of a core that this process takes in so many ms. */
      async percent(ms: number): Promise<number> {
        const { cpuMs, wallMs } = await costOf(() => pause(ms));
        return (100 * cpuMs) / wallMs;
      },
      /** A host that listens, and no more. */
      async start(_: null): Promise<void> {
        hosts.push(await bareHost(TOPICS));
      },
      /** Bytes of this process with one host in it. */
      async bytesOfOne(_: null): Promise<number> {
        hosts.push(await bareHost(TOPICS));
        await pause(SETTLE_MS);
        return process.memoryUsage.rss();
      },
    },
    async close() {
      await Promise.all(hosts.map((host) => host.stop()));
    },
  };
}
