// Four daemons, a process each, and the connections of their clients.
import { mkdtemp, rm } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readToken } from "../../../node/api/token.js";
import type { Verdict } from "../../../node/contract/wallet.js";
import { type Bytes, toHex } from "../../../src/base/index.js";
import { encodeGenesis } from "../../../src/ledger/index.js";
import { ProcessNetwork } from "../../isolate/process-network.js";
import { bytesUnder, cpuMsOf, residentBytesOf } from "../cost.js";
import { type Authors, PLAN, SEATS } from "./authors.js";
import { HttpLane } from "./http-lane.js";
import type { Orderer } from "./load.js";

/** Of each daemon's 32 connections some are left for other uses. */
export const LANES_PER_MEMBER = 24;

export class Daemons implements Orderer {
  private readonly listeners = new Set<(operations: number) => void>();

  private constructor(
    private readonly folder: string,
    private readonly network: ProcessNetwork,
    private readonly connections: readonly HttpLane[],
    private readonly events: IncomingMessage,
  ) {
    createInterface({ input: events }).on("line", (line) => this.heard(line));
  }

  /** Founds a network of four and starts its daemons, as `mabeam testnet up --isolate process` does. */
  static async start(authors: Authors): Promise<Daemons> {
    const folder = await mkdtemp(join(tmpdir(), "mabeam-bench-"));
    const options = {
      plan: PLAN,
      genesis: encodeGenesis(authors.genesis),
      home: folder,
      listen: [],
      fresh: true,
    };
    try {
      const network = await ProcessNetwork.start(options);
      // Lane i goes to member i mod 4.
      const connections = Array.from({ length: SEATS * LANES_PER_MEMBER }, (_, i) =>
        laneTo(network, i % SEATS),
      );
      return new Daemons(folder, network, connections, await eventsOf(network));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get lanes(): number {
    return this.connections.length;
  }

  async submit(lane: number, operation: Bytes): Promise<void> {
    const body = `{"operation":"${Buffer.from(operation).toString("base64")}"}`;
    const answer = await this.connections[lane]!.ask("POST", "/v1/envelopes", body);
    if (answer.status >= 300) throw new Error(`an operation was refused: ${answer.body.toString()}`);
  }

  async submitAll(lane: number, operations: readonly Bytes[]): Promise<readonly Bytes[]> {
    const body = JSON.stringify({ operations: operations.map((one) => Buffer.from(one).toString("base64")) });
    const answer = await this.connections[lane]!.ask("POST", "/v1/envelopes", body);
    if (answer.status === 503) return operations;
    if (answer.status >= 300) throw new Error(`operations were refused: ${answer.body.toString()}`);
    const { verdicts } = JSON.parse(answer.body.toString()) as { verdicts: readonly Verdict[] };
    return operations.filter((_, i) => {
      const verdict = verdicts[i]!;
      if (verdict.status === "accepted") return false;
      if (verdict.problem.retryable) return true;
      throw new Error(`an operation was refused: ${verdict.problem.code}`);
    });
  }

  cpuMs(): number {
    return cpuMsOf(this.pids());
  }

  /** Of each member's process. */
  residentBytes(): readonly number[] {
    return this.pids().map(residentBytesOf);
  }

  /** Of all members' folders. */
  diskBytes(): Promise<number> {
    return bytesUnder(this.folder);
  }

  private pids(): readonly number[] {
    return Array.from({ length: SEATS }, (_, place) => this.network.at(place).pid);
  }

  onFinal(listener: (operations: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What an account holds at the first member: whether transfers did what they should. */
  async fundsOf(agent: Bytes): Promise<bigint> {
    const { body } = await this.connections[0]!.ask("GET", `/v1/wallet?agent=${toHex(agent)}`);
    this.rest();
    return BigInt((JSON.parse(body.toString()) as { free: string }).free);
  }

  /** Ends the clients' connections; the next operation makes new ones. */
  rest(): void {
    for (const connection of this.connections) connection.close();
  }

  async close(): Promise<void> {
    this.events.destroy();
    this.rest();
    await this.network.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private heard(line: string): void {
    if (!line.startsWith("data: ")) return;
    const { operations } = JSON.parse(line.slice("data: ".length)) as { operations: number };
    for (const listener of this.listeners) listener(operations);
  }
}

function laneTo(network: ProcessNetwork, place: number): HttpLane {
  const { api, tokenFile } = network.at(place).places!;
  const headers = [`Authorization: Bearer ${readToken(tokenFile)}`, "Content-Type: application/json"];
  return new HttpLane(api, headers);
}

/** What the first member tells of final entries. */
function eventsOf(network: ProcessNetwork): Promise<IncomingMessage> {
  const { api, tokenFile } = network.at(0).places!;
  const headers = { authorization: `Bearer ${readToken(tokenFile)}` };
  return new Promise((resolve, reject) => {
    get(`${api}/v1/events?types=quorum.finalised`, { headers, agent: false }, resolve).on("error", reject);
  });
}
