// A small testnet with an API, and auctions by its guest, for agents to meet.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateAuctionRequest } from "../../../../node/contract/index.js";
import type { Agent } from "../../../../node/sdk/agent/agent.js";
import { ApiClient } from "../../../../node/sdk/client.js";
import { type AgentOptions, createAgent } from "../../../../node/sdk/index.js";
import { createTestnet, type ServedApi, type TestnetForTests } from "../../../../testnet/index.js";
import { eventually } from "../../../e2e/eventually.js";

export const CREDIT = 1_000_000n;

export class AgentWorld {
  private readonly ends: (() => Promise<unknown>)[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), "mabeam-sdk-"));

  private constructor(
    readonly testnet: TestnetForTests,
    readonly api: ServedApi,
    readonly client: ApiClient,
  ) {}

  static async start(seed: number): Promise<AgentWorld> {
    const testnet = await createTestnet({ peers: 1, agents: 0, seed });
    const api = await testnet.api();
    return new AgentWorld(testnet, api, new ApiClient({ ...api, remedy: "" }, null, 30_000, false));
  }

  /** Runs an agent as its author says, and hears what it says. */
  run(options: Partial<AgentOptions> & Pick<AgentOptions, "name">, author: (agent: Agent) => void) {
    const lines: string[] = [];
    const agent = createAgent({
      capabilities: ["task.render", "gpu.a100"],
      budget: { perAuction: 50n * CREDIT },
      daemon: this.api,
      folder: join(this.folder, options.name),
      delayMs: 0,
      say: (line) => lines.push(line),
      ...options,
    });
    author(agent);
    const control = new AbortController();
    const over = agent.run({ signal: control.signal });
    const stop = async (): Promise<void> => {
      control.abort();
      await over;
    };
    over.catch(() => undefined);
    this.ends.push(() => stop().catch(() => undefined));
    return {
      lines,
      over,
      stop,
      said: (what: RegExp) =>
        eventually(
          `it says ${what}: ${lines.join(" | ")}`,
          () => lines.find((line) => what.test(line)),
          30_000,
        ),
    };
  }

  /** The guest auctions something. @returns the auction's id */
  async auction(terms: Partial<CreateAuctionRequest>): Promise<string> {
    const body = {
      lot: { capability: "gpu.a100", units: 1, from: null, to: null },
      reserve: String(10n * CREDIT),
      lockups: [String(20n * CREDIT)],
      commitMs: 1000,
      revealMs: 1200,
      ...terms,
    };
    const receipt = await this.client.ask("createAuction", { body }, "could not auction");
    return receipt.auction!;
  }

  /** The guest buys rendering. */
  buy = (terms: Partial<CreateAuctionRequest> = {}): Promise<string> =>
    this.auction({
      direction: "buy",
      lot: { capability: "task.render", units: 1, from: null, to: null },
      deliverMs: 8000,
      settleMs: 1500,
      ...terms,
    });

  ended(auction: string) {
    return eventually(
      "the auction is over",
      async () => (await this.client.ask("auction", { params: { id: auction } }, "no auction")).outcome,
      60_000,
    );
  }

  /** The trade of an auction once `is` says so. */
  trade(auction: string, is: (state: string) => boolean) {
    return eventually(
      "the trade is so far",
      async () => {
        const { items } = await this.client.ask("trades", { query: { auction } }, "no trades");
        return items.find(({ state }) => is(state));
      },
      60_000,
    );
  }

  /** What was delivered, as its buyer reads it. */
  async output(trade: string): Promise<string> {
    const { bytes } = await this.client.take("takeOutput", trade, "no output");
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  async stop(): Promise<void> {
    for (const end of this.ends) await end();
    await this.testnet.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
