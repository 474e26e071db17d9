// A gateway that serves before its peer has begun: who waits for the ledger, who does not, and what ends both.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { HostedPeer } from "../../../node/api/index.js";
import { gatewayRequestView, waitingRequestView } from "../../../node/api/views/gateway.js";
import { wordsOf } from "../../../node/cli/commands/gateway-requests.js";
import type { CommandIo } from "../../../node/cli/commands.js";
import { pathsOf } from "../../../node/config/paths.js";
import type { GatewayPart } from "../../../node/daemon.js";
import type { HostedEvent } from "../../../node/gateway/hosted-event.js";
import { NO_SPENDING_LIMITS } from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { type RunPeer, runGateway } from "../../../node/gateway-daemon.js";
import { lockFolder } from "../../../node/lock.js";
import type { PeerNode } from "../../../node/peer-node.js";
import { runningClock } from "../../../testnet/upstream/clock.js";
import { plainRules, USUAL_KEY } from "../../../testnet/upstream/rules.js";
import { startUpstream } from "../../../testnet/upstream/upstream.js";
import { testFolder } from "../folder.js";
import { errorOf, perMinute, RULES, until } from "./stage.js";

/** A peer that starts for as long as its test likes: it is told of itself as soon as it is asked to run. */
interface Starting {
  readonly gateway: GatewayPart;
  /** It runs now. */
  join(): Promise<void>;
  end(error?: Error): void;
}

async function world() {
  const upstream = await startUpstream(plainRules("openai", runningClock(1, Date.now()), 1, {}));
  onTestFinished(upstream.close);
  const home = await testFolder();
  const events: HostedEvent[] = [];
  let told: (starting: Starting) => void;
  const starting = new Promise<Starting>((resolve) => {
    told = resolve;
  });
  const runPeer: RunPeer = (_held, _options, { gateway }) =>
    new Promise((resolve, reject) => {
      const join = () => gateway!.join(PEER, () => Promise.reject(new Error("nobody asks for a key")), NODE);
      const end = (error?: Error) => (error === undefined ? resolve() : reject(error));
      told({ gateway: gateway!, join, end });
    });
  const start = (more: { readonly port?: number } = {}) =>
    runGateway(
      {
        ...{ flags: { home }, configFile: null, insecureApiPublic: false, json: true },
        io: SILENT,
      },
      {
        options: {
          upstream: new URL(new URL(upstream.url).origin),
          key: USUAL_KEY,
          rules: { ...RULES, limits: perMinute({ rpm: 60 }) },
          listen: { host: "127.0.0.1", port: more.port ?? 0 },
          fail: "closed",
        },
        shared: null,
        teller: { happened: (event) => events.push(event), ready: () => undefined, ending: () => undefined },
      },
      runPeer,
    );
  const named = NamedAgents.open(pathsOf(home).gatewayAgentsFile);
  return { upstream, home, events, start, starting, named };
}

const SILENT: CommandIo = {
  out: () => undefined,
  err: () => undefined,
  colors: false,
  progress: false,
  self: "mabeam",
  outlive: () => undefined,
};

/** As far as a gateway reads it: a ledger without budgets. */
/** Of a gateway that has its key alone nobody asks the network. */
const NODE = {} as PeerNode;
const PEER = {
  around: { defaultAgent: null },
  state: { halted: null, ledger: { genesis: { timeMs: 0 }, get: () => null } },
  node: {},
} as unknown as HostedPeer;

const asked = (url: string, key: string, signal: AbortSignal | null = null): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    signal,
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-upstream", messages: [{ role: "user", content: "hello" }] }),
  });

const isRefused = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => false,
    () => true,
  );

/** One whose limits are the ledger's, which was told of them in an earlier run. */
async function budgeted(named: NamedAgents): Promise<string> {
  const limits = { ...NO_SPENDING_LIMITS, perDay: 1_000_000n };
  const added = await named.add("ada", { weight: 1, band: "normal", parent: null, limits }, 0n);
  if (!added.ok) throw new Error("it is new");
  await named.settle("ada", { ledgerAgent: "ab".repeat(32), hasBudget: true });
  return added.value.key;
}

test("G39 clients are answered while the peer still starts; who has a budget of the ledger waits for it, and goes on", async () => {
  const { start, starting, named, upstream, events } = await world();
  const key = await budgeted(named);
  const ended = start();
  const { gateway, join, end } = await starting;
  const held = asked(gateway.running.url, key);
  await until(() => [...gateway.running.agents.values()].length === 1);
  expect((await asked(gateway.running.url, "any")).status).toBe(200);
  // The one that came first has not been sent, nor judged.
  expect([upstream.journal.visits.length, gateway.running.counts.waiting]).toEqual([1, 0]);
  expect(await gateway.running.settle()).toEqual({ isPending: true, refused: new Map() });
  const [waiting] = gateway.running.waiting("");
  expect(waiting).toMatchObject({ for: "ledger", share: "agent:ada", caller: { who: "agent:ada" } });
  expect(wordsOf(waitingRequestView(waiting!, Date.now())).slice(2)).toEqual([
    expect.stringMatching(/^Waits {3}for .* now$/),
    "Now     it waits for the ledger to begin, which its agent's budget is read from",
    expect.stringMatching(/^Ends {4}at /),
  ]);
  await join();
  const answer = await held;
  expect([answer.status, answer.headers.get("x-mabeam-agent")]).toEqual([200, "agent:ada"]);
  expect(Number(answer.headers.get("x-mabeam-queued-ms"))).toBeGreaterThan(0);
  await answer.text();
  expect(gateway.running.waiting("")).toEqual([]);
  expect((await asked(gateway.running.url, key)).status).toBe(200);
  await until(() => events.filter(({ kind }) => kind === "passed").length === 3);
  const [past] = gateway.running.recent.startingWith(waiting!.id, 1).map(gatewayRequestView);
  const { ledgerMs } = past!.wait!;
  expect([ledgerMs > 0, ledgerMs <= past!.waitedMs]).toEqual([true, true]);
  expect(wordsOf(past!)[3]).toMatch(/^ {8}.+ for the ledger to begin$/);
  end();
  await ended;
  expect(await isRefused(gateway.running.url)).toBe(true);
});

test("G39 a peer that does not start ends the gateway: who waits is told to come back, and the folder is free", async () => {
  const { start, starting, named, home, upstream } = await world();
  const key = await budgeted(named);
  const ended = start();
  const { gateway, end } = await starting;
  const held = asked(gateway.running.url, key);
  await until(() => [...gateway.running.agents.values()].length === 1);
  end(new Error("the peer's keys do not open"));
  const answer = await held;
  expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([503, "true"]);
  expect((await errorOf(answer)).code).toBe("STOPPING");
  await expect(ended).rejects.toThrow("the peer's keys do not open");
  expect(await isRefused(gateway.running.url)).toBe(true);
  expect(upstream.journal.visits).toEqual([]);
  const lock = await lockFolder(home);
  await lock.release();
});

test("G39 a client that goes while it waits for the ledger leaves nothing", async () => {
  const { start, starting, named, events } = await world();
  const key = await budgeted(named);
  const ended = start();
  const { gateway, join, end } = await starting;
  const leaving = new AbortController();
  const held = asked(gateway.running.url, key, leaving.signal).catch(() => "gone");
  await until(() => [...gateway.running.agents.values()].length === 1);
  leaving.abort();
  expect(await held).toBe("gone");
  await until(() => events.length === 1);
  expect(events[0]).toMatchObject({ kind: "passed", passed: { end: "left", used: null } });
  await join();
  end();
  await ended;
});

test("a port that is taken, and a folder that others hold or that is of another network, are refused before any peer starts", async () => {
  const { start, starting, home } = await world();
  const ended = start();
  const { gateway, end } = await starting;
  await expect(start()).rejects.toMatchObject({ code: "LOCK_HELD" });
  end();
  await ended;
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  await expect(start({ port })).rejects.toMatchObject({ code: "PORT_TAKEN" });
  // Its books are closed again, and the lock is free.
  await expect(start({ port })).rejects.toMatchObject({ code: "PORT_TAKEN" });
  expect(await isRefused(gateway.running.url)).toBe(true);
  const other = await world();
  const { networkFile, keys, gatewayBooks } = pathsOf(other.home);
  mkdirSync(keys, { mode: 0o700 });
  writeFileSync(networkFile, "", { mode: 0o600 });
  await expect(other.start()).rejects.toMatchObject({ code: "OTHER_NETWORK" });
  writeFileSync(join(keys, "consensus.json"), "", { mode: 0o600 });
  await expect(other.start()).rejects.toMatchObject({ code: "GENESIS_LOST" });
  expect([existsSync(gatewayBooks), existsSync(pathsOf(home).gatewayBooks)]).toEqual([false, true]);
});
