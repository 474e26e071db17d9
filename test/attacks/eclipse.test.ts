// Scenario 52 of spec/scenarios, on a running peer all of whose peers lie: it believes none of them, says that something is
// wrong, and comes back by the first honest address that answers.
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import type { Libp2p } from "libp2p";
import { afterEach, expect, test } from "vitest";
import { HostedPeer } from "../../node/api/index.js";
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { openLog } from "../../node/log.js";
import type { EclipseAlarm } from "../../node/net/index.js";
import { Topics } from "../../node/net/topics.js";
import { PeerNode } from "../../node/peer-node.js";
import { encode, toHex } from "../../src/base/index.js";
import { encodeGenesis, networkOf } from "../../src/ledger/index.js";
import { entryIdOf, type LogEntry, quorumMessage } from "../../src/quorum/index.js";
import { boast, forged, type Lie, startLiar } from "../../testnet/lab/attack/liar.js";
import { gossipFrame, message } from "../../testnet/lab/attack/raw-gossip.js";
import { type Line, openLine, push } from "../../testnet/lab/attack/raw-host.js";
import { createTestnet } from "../../testnet/testnet.js";
import { eventually } from "../e2e/eventually.js";

const LIES: readonly Lie[] = ["silence", "an empty log", "noise", "a forged log", "the beginning only"];
const CLAIMED = 1_000_000;
const TRUTH_ENTRIES = 6;

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** A port where nobody listens, until it is opened: then whoever dials it reaches `port`. */
async function door(port: number): Promise<{ readonly port: number; open(): Promise<void> }> {
  const listening = async (server: Server, at: number): Promise<number> => {
    server.listen(at, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as { port: number }).port;
  };
  const probe = createServer();
  const free = await listening(probe, 0);
  await new Promise((resolve) => probe.close(resolve));
  return {
    port: free,
    async open() {
      const server = createServer((from) => {
        const to = connect(port, "127.0.0.1");
        from.on("error", () => to.destroy()).pipe(to);
        to.on("error", () => from.destroy()).pipe(from);
      });
      await listening(server, free);
      opened.push(async () => void server.close());
    },
  };
}

const ids = (entries: readonly LogEntry[]): string[] => entries.map(({ header }) => toHex(entryIdOf(header)));

test("scenario 52: among liars alone a peer makes nothing false final, raises the alarm, and recovers by one honest address", async () => {
  const truth = await createTestnet({ peers: 4, quorum: 4, agents: 0 });
  opened.push(() => truth.stop());
  const honest = truth.peers[0]!;
  const known = await eventually("there is a log", async () => {
    const entries = await honest.readLog(1, TRUTH_ENTRIES);
    return entries.length === TRUTH_ENTRIES && entries;
  });
  const { chain, market } = networkOf(truth.genesis);
  const certified = known.find((entry) => entry.cert !== null)!;
  const liars: Libp2p[] = [];
  for (const lie of LIES) {
    const liar = await startLiar({ chain, market, final: boast(certified, CLAIMED), truth: known, lie });
    opened.push(async () => liar.stop());
    liars.push(liar);
  }
  // Those who lie are shut out, on a slow machine before the alarm is due; whoever claims nothing stays, and is an eclipse too.
  const quiet = await startLiar({ chain, market, final: null, truth: [], lie: "an empty log" });
  opened.push(async () => quiet.stop());
  const address = honest.multiaddrs()[0]!;
  const way = await door(Number(address.split("/")[4]));
  const verifier = new SignatureVerifier();
  opened.push(() => verifier.close());
  const victim = await PeerNode.start({
    name: "victim",
    genesis: encodeGenesis(truth.genesis),
    home: null,
    peerSeed: new Uint8Array(32).fill(7),
    consensusSeed: null,
    agents: [],
    listen: ["/ip4/127.0.0.1/tcp/0"],
    join: [
      ...[...liars, quiet].map((liar) => liar.getMultiaddrs()[0]!.toString()),
      address.replace(/\/tcp\/\d+/, `/tcp/${way.port}`),
    ],
    fresh: false,
    loopback: true,
    verifier,
    log: openLog({ level: "silent", file: null }),
    maxConnections: 64,
  });
  opened.push(() => victim.stop());
  const told: (EclipseAlarm | null)[] = [];
  victim.onEclipse((alarm) => told.push(alarm));

  const topic = new Topics(chain, market).nameOf("final");
  const lines: Line[] = [];
  for (const liar of liars) {
    const line = await openLine(liar, victim.multiaddrs()[0]!);
    if (line !== null) lines.push(line);
  }
  const finals = known.flatMap((entry) =>
    entry.cert === null
      ? []
      : [encode(quorumMessage, { kind: "final", header: forged(entry).header, cert: entry.cert })],
  );
  expect(finals.length).toBeGreaterThan(0);
  lines.forEach((line, i) => {
    push(line, gossipFrame(message(topic, finals[i % finals.length]!)));
  });

  await eventually("the alarm is raised", () => victim.eclipse === "SILENCE");
  expect(told).toEqual(["SILENCE"]);
  expect(victim.connections().length).toBeGreaterThan(0);
  expect(victim.peer.tip.height).toBeLessThanOrEqual(2);
  const refusals = Object.entries(victim.counters()).filter(([, count]) => count > 0);
  expect(refusals.map(([name]) => name)).toEqual(expect.arrayContaining(["final.FINAL_REFUSED"]));

  await way.open();
  const height = honest.peer.tip.height;
  await eventually("it has caught up", () => victim.peer.tip.height >= height);
  await eventually("the silence is over", () => victim.eclipse !== "SILENCE");
  const count = victim.peer.tip.height;
  const own = await victim.readLog(1, count);
  expect(ids(own)).toEqual(ids(await honest.readLog(1, count)).slice(0, own.length));
  expect(own.length).toBeGreaterThanOrEqual(height);
});

test("one liar among the honest changes nothing that is told: neither readiness, nor the network's height, nor a warning", async () => {
  const truth = await createTestnet({ peers: 4, quorum: 4, agents: 0 });
  opened.push(() => truth.stop());
  const target = truth.peers[0]!;
  const certified = await eventually("an entry has its certificate", async () =>
    (await target.readLog(1, TRUTH_ENTRIES)).find((entry) => entry.cert !== null),
  );
  const { chain, market } = networkOf(truth.genesis);
  const liar = await startLiar({
    chain,
    market,
    final: boast(certified, CLAIMED),
    truth: [certified],
    lie: "an empty log",
  });
  opened.push(async () => liar.stop());
  const told: (EclipseAlarm | null)[] = [];
  target.onEclipse((alarm) => told.push(alarm));
  await target.connect(liar.getMultiaddrs()[0]!.toString());
  await eventually("the boast was judged", () => (target.counters()["status.BAD_FINAL_PROOF"] ?? 0) > 0);
  const hosted = new HostedPeer(target, {
    version: "0.1.0",
    startedAtMs: Date.now(),
    nowMs: Date.now,
    home: null,
    keys: "public",
    keptEvents: 16,
    defaultAgent: null,
    keyring: null,
    faucet: null,
  });
  opened.push(async () => hosted.close());
  const height = target.peer.tip.height;
  await eventually("the log goes on", () => target.peer.tip.height > height + TRUTH_ENTRIES);
  const { mode, networkHeight, warnings } = hosted.standing();
  expect(networkHeight).toBeLessThan(CLAIMED);
  expect(["ready", "stalled"]).toContain(mode); // a busy machine's log may stand still
  expect(warnings.filter((one) => /behind|claims|lies/.test(one))).toEqual([]);
  expect(told).toEqual([]);
  const shown = target.connections().find(({ ref }) => ref === liar.peerId.toString());
  expect(shown?.height ?? 0).toBe(0);
});
