// Three nodes of etcd on loopback, where it is installed: what a log without Byzantine faults does on the same disk.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Bytes } from "../../../src/base/index.js";
import { HttpLane } from "./http-lane.js";
import type { Orderer } from "./load.js";

const NODES = 3;
const READY_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 200;
const HEADERS = ["Content-Type: application/json"];

/** Whether `etcd` is on the PATH. */
export const hasEtcd = (): boolean => spawnSync("etcd", ["--version"]).status === 0;

/** An answer to a put says that it is committed: it is taken and final at once. */
export class Etcd implements Orderer {
  private readonly listeners = new Set<(operations: number) => void>();
  private readonly nodes: ChildProcess[] = [];
  private connections: readonly HttpLane[] = [];
  private puts = 0;

  private constructor(private readonly folder: string) {
    process.once("exit", this.kill);
  }

  /** Starts the nodes and waits until they take a put. Lane i goes to node i mod 3. @throws Error */
  static async start(lanes: number): Promise<Etcd> {
    const etcd = new Etcd(await mkdtemp(join(tmpdir(), "mabeam-etcd-")));
    try {
      const ports = await freePorts(2 * NODES);
      const urls = ports.map((port) => `http://127.0.0.1:${port}`);
      for (let i = 0; i < NODES; i++) etcd.spawn(i, urls);
      etcd.connections = Array.from({ length: lanes }, (_, i) => new HttpLane(urls[i % NODES]!, HEADERS));
      await etcd.ready();
      return etcd;
    } catch (error) {
      await etcd.close();
      throw error;
    }
  }

  get lanes(): number {
    return this.connections.length;
  }

  async submit(lane: number, operation: Bytes): Promise<void> {
    const key = Buffer.from(`operation/${this.puts++}`).toString("base64");
    const body = `{"key":"${key}","value":"${Buffer.from(operation).toString("base64")}"}`;
    const answer = await this.connections[lane]!.ask("POST", "/v3/kv/put", body);
    if (answer.status !== 200) throw new Error(`etcd refused a put: ${answer.body.toString()}`);
    for (const listener of this.listeners) listener(1);
  }

  onFinal(listener: (operations: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  rest(): void {
    for (const connection of this.connections) connection.close();
  }

  async close(): Promise<void> {
    this.rest();
    process.off("exit", this.kill);
    const living = this.nodes.filter((node) => node.exitCode === null && node.signalCode === null);
    const ended = living.map((node) => once(node, "exit"));
    this.kill();
    await Promise.all(ended);
    await rm(this.folder, { recursive: true, force: true });
  }

  private readonly kill = (): void => {
    for (const node of this.nodes) node.kill("SIGKILL");
  };

  /** @param urls of the nodes for clients, then those for each other */
  private spawn(index: number, urls: readonly string[]): void {
    const [clients, peers] = [urls[index]!, urls[NODES + index]!];
    const cluster = Array.from({ length: NODES }, (_, i) => `node${i}=${urls[NODES + i]}`).join(",");
    const words = {
      name: `node${index}`,
      "data-dir": join(this.folder, `${index}`),
      "listen-client-urls": clients,
      "advertise-client-urls": clients,
      "listen-peer-urls": peers,
      "initial-advertise-peer-urls": peers,
      "initial-cluster": cluster,
      "log-level": "error",
    };
    const flags = Object.entries(words).map(([name, value]) => `--${name}=${value}`);
    this.nodes.push(spawn("etcd", flags, { stdio: "ignore" }));
  }

  private async ready(): Promise<void> {
    const untilMs = performance.now() + READY_WITHIN_MS;
    for (;;) {
      try {
        return await this.submit(0, new Uint8Array(1));
      } catch (error) {
        if (performance.now() > untilMs) throw error;
        await pause(LOOK_EVERY_MS);
      }
    }
  }
}

/** Ports that nobody listens at now. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
