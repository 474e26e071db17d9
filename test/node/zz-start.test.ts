import { test } from "vitest";
import { station, stopAll } from "./net-fixture.js";
const N = 16;
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
test("start", async () => {
  const limits = { targetConnections: 6, dialsInFlight: Number(process.env.DIF ?? 2) };
  const t0 = performance.now(), c0 = process.cpuUsage();
  const first = await station({ name: "0", limits, seat: 0, seats: 7 });
  const all = [first, ...(await Promise.all(Array.from({ length: N - 1 }, (_, i) => station({ name: `${i + 1}`, limits, seats: 7, join: [...first.network.multiaddrs()], ...(i < 6 ? { seat: i + 1 } : {}) }))))];
  for (let i = 0; i < 16; i++) {
    const c = process.cpuUsage(c0);
    console.log(((performance.now() - t0) / 1000).toFixed(1), "cpu", ((c.user + c.system) / 1e6).toFixed(2), "conns", all.map((a) => a.network.peers().length).join(","), "links", all.slice(0, 7).map((a) => a.network.linkedSeats().length).join(","), "mesh", all.map((a) => a.network.meshSize("ops")).join(","));
    await sleep(500);
  }
  const total: Record<string, number> = {};
  for (const a of all) for (const [k, v] of Object.entries(a.network.counters())) total[k] = (total[k] ?? 0) + v;
  console.log(JSON.stringify(total));
  await stopAll();
}, 60000);
