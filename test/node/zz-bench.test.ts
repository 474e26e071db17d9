import { test } from "vitest";
import { createLibp2p } from "libp2p";
import { noise } from "@libp2p/noise"; import { tcp } from "@libp2p/tcp"; import { yamux } from "@libp2p/yamux";
import { identify } from "@libp2p/identify"; import { ping } from "@libp2p/ping"; import { gossipsub } from "@libp2p/gossipsub";
import { kadDHT, passthroughMapper } from "@libp2p/kad-dht";
import { multiaddr } from "@multiformats/multiaddr";
import { station, stopAll, transferBytes, until } from "./net-fixture.js";
const N = 16, WARM = 100, COUNT = 300, RATE = 40;
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
const ops = Array.from({ length: WARM + COUNT }, (_, i) => transferBytes(i));
async function drive(publish: (peer: number, bytes: Uint8Array) => void, delivered: () => number, label: string) {
  const run = async (from: number, to: number) => { for (let i = from; i < to; i++) { publish(i % N, ops[i]!); await sleep(1000 / RATE); } await sleep(500); };
  await run(0, WARM);
  const d0 = delivered(), c0 = process.cpuUsage(), t0 = performance.now();
  await run(WARM, WARM + COUNT);
  const cpu = process.cpuUsage(c0), d = delivered() - d0;
  const idle0 = process.cpuUsage(); await sleep(3000); const idle = process.cpuUsage(idle0);
  const per = (idle.user + idle.system) / 3000;
  console.log(label, "delivered", d, "of", COUNT * (N - 1), "cpu/delivery us", ((cpu.user + cpu.system) / d).toFixed(0), "net of idle", (((cpu.user + cpu.system) - per * (performance.now() - t0 - 3000)) / d).toFixed(0), "idle us/ms", per.toFixed(2), "rss", (process.memoryUsage().rss / 1e6).toFixed(0));
}
test("raw", async () => {
  let delivered = 0;
  const hosts = await Promise.all(Array.from({ length: N }, async () => {
    const h = await createLibp2p({ addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] }, transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()],
      connectionMonitor: { pingInterval: 30000 },
      connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 200 },
      services: { identify: identify(), ping: ping(), dht: kadDHT({ protocol: "/x/kad", peerInfoMapper: passthroughMapper, querySelfInterval: 300000 }), gossip: gossipsub({ D: 4, Dlo: 3, Dhi: 6, Dout: 1, floodPublish: true, batchPublish: true, globalSignaturePolicy: "StrictNoSign", allowPublishToZeroTopicPeers: true, scoreParams: { IPColocationFactorWeight: 0 } }) } });
    h.services.gossip.addEventListener("message", () => { delivered++; });
    h.services.gossip.subscribe("t"); return h; }));
  const links = JSON.parse(process.env.LINKS ?? "null") as [number, number][] | null;
  if (links) for (const [a, b] of links) await hosts[a]!.dial(hosts[b]!.getMultiaddrs()[0]!);
  else for (let i = 0; i < N; i++) for (let k = 1; k <= 4; k++) await hosts[i]!.dial(hosts[(i + 2 * k - 1) % N]!.getMultiaddrs()[0]!);
  await sleep(2000);
  await drive((p, b) => void hosts[p]!.services.gossip.publish("t", b), () => delivered, "raw");
  console.log("raw connections", hosts.reduce((s, h) => s + h.getConnections().length, 0));
  await Promise.all(hosts.map((h) => h.stop()));
}, 200000);
test("ours", async () => {
  const limits = { authorPerSecond: 1e6, authorBurst: 1e6, targetConnections: Number(process.env.TARGET ?? 6) };
  const c0 = process.cpuUsage(), t0 = performance.now();
  const first = await station({ name: "0", limits, seat: 0, seats: 7 });
  const all = [first, ...(await Promise.all(Array.from({ length: N - 1 }, (_, i) => station({ name: `${i + 1}`, limits, seats: 7, join: [...first.network.multiaddrs()], ...(i < 6 ? { seat: i + 1 } : {}) }))))];
  await until("linked", () => all.slice(0, 7).every((s) => s.network.linkedSeats().length === 6));
  console.log("linked after", performance.now() - t0);
  await until("mesh", () => all.every((s) => s.network.meshSize("ops") >= 2));
  const c = process.cpuUsage(c0); console.log("meshed after", performance.now() - t0, "cpu s", (c.user + c.system) / 1e6);
  await sleep(3000);
  await drive((p, b) => all[p]!.network.publish("ops", b), () => all.reduce((s, a) => s + a.operations.length, 0), "ours");
  console.log("ours connections", all.reduce((s, a) => s + a.network.peers().length, 0), JSON.stringify(all[3]!.network.counters()));
  await stopAll();
}, 200000);
