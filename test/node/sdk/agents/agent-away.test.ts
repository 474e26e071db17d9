// An agent and a daemon that lose each other: one starts again, the other reads too slowly. Neither loses a lot by it.
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HostedPeer } from "../../../../node/api/hosted.js";
import { startApi } from "../../../../node/api/index.js";
import { timeOf } from "../../../../node/contract/index.js";
import { openLog } from "../../../../node/log.js";
import { testnetPaths } from "../../../../testnet/home.js";
import { type ServedTestnet, serveTestnet } from "../../../../testnet/server.js";
import { eventually } from "../../../e2e/eventually.js";
import { startChild } from "../../child.js";
import { AgentWorld } from "./agent-world.js";

let world: AgentWorld;
beforeAll(async () => {
  world = await AgentWorld.start(47);
});
afterAll(() => world?.stop());

const bidsIn = async (auction: string) =>
  (await world.client.ask("ownBids", { query: { limit: 200 } }, "no bids")).items.filter(
    (one) => one.auction === auction,
  );

it("a daemon that starts again has another token and port: its agent finds it, and what came meanwhile", async () => {
  const home = join(world.folder, "daemon");
  const paths = testnetPaths(home);
  const serve = (): Promise<ServedTestnet> =>
    serveTestnet({
      testnet: world.testnet,
      paths,
      inMemory: true,
      listen: { host: "127.0.0.1", port: 0 },
      log: openLog({ level: "silent", file: null }),
      onStop: () => undefined,
    });
  let served = await serve();
  const agent = world.run({ name: "patient", daemon: { home } }, (one) =>
    one.value("gpu.a100", () => 15_000_000n),
  );
  await agent.said(/is [0-9a-f]{64}$/);
  const before = await world.auction({});
  await agent.said(new RegExp(`^${before.slice(0, 10)} .*bid`));
  await served.close();
  await agent.said(/the daemon is away, and is tried again/);
  const meanwhile = await world.auction({ commitMs: 20_000 });
  served = await serve();
  await agent.said(new RegExp(`^${meanwhile.slice(0, 10)} .*bid 15 credits$`));
  const after = await world.auction({});
  await agent.said(new RegExp(`^${after.slice(0, 10)} .*bid 15 credits$`));
  for (const auction of [before, meanwhile, after]) expect(await bidsIn(auction)).toHaveLength(1);
  await agent.stop();
  await served.close();
});

it("an agent that does not read is cut off, comes back, and finds what it has not heard of", async () => {
  const { peers, plan } = world.testnet;
  const hosted = new HostedPeer(peers[0]!, {
    version: "0.1.0",
    startedAtMs: Date.now(),
    nowMs: Date.now,
    home: null,
    keys: "public",
    keptEvents: 64,
    defaultAgent: plan.agentPlans[0]!.key.publicKey,
    keyring: null,
    faucet: null,
  });
  // Its agents are those of the other API: the same peer holds them.
  const { api: other } = world;
  const registering = { body: { name: "slow" } };
  const { agent } = await eventually("it has an account", async () => {
    const one = await world.client.ask("addAgent", registering, "could not register");
    return one.hasAccount && one;
  });
  Object.assign(hosted.around, {
    keyring: {
      names: () => new Map([[agent, "slow"]]),
      open: async () => peers[0]!.peer.agents.get(agent),
      welcome: () => undefined,
    },
  });
  const api = await startApi({
    host: { peerCount: 1, peer: (n) => (n === 0 ? hosted : null), stop: () => undefined },
    token: other.token,
    listen: { host: "127.0.0.1", port: 0 },
    version: "0.1.0",
    streams: { stallMs: 300, heartbeatMs: 100 },
    onAccident: () => undefined,
    nowMs: Date.now,
    random: () => 0,
  });
  const child = startChild("slow-agent", [api.url, other.token, join(world.folder, "slow"), "4000"]);
  const said: string[] = [];
  const reading = (async () => {
    for (let line = await child.line(); line !== null; line = await child.line()) said.push(line);
  })();
  const says = (what: RegExp) =>
    eventually(`it says ${what}`, () => said.some((line) => what.test(line)), 30_000);
  await says(/^slow is /);
  const first = await world.auction({ commitMs: 20_000 });
  await says(/^thinking/);
  // More than the sockets between them hold: whoever does not read them in time is cut off.
  const settled = { type: "auction.phase", time: timeOf(Date.now()), height: 1, phase: "open" } as const;
  for (let nth = 0; nth < 400; nth++) {
    for (let of = 0; of < 60; of++) hosted.events.append({ ...settled, auction: `${nth}`.padStart(64, "0") });
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const unheard = await world.auction({ commitMs: 20_000 });
  for (let of = 0; of < 200; of++) hosted.events.append({ ...settled, auction: "f".repeat(64) });
  await says(new RegExp(`^${first.slice(0, 10)} .*bid 15 credits$`));
  await says(new RegExp(`^${unheard.slice(0, 10)} .*bid 15 credits$`));
  for (const auction of [first, unheard]) expect(await bidsIn(auction)).toHaveLength(1);
  await says(/^\d+ events were missed/);
  await child.kill();
  await reading;
  await api.close();
  hosted.close();
});
