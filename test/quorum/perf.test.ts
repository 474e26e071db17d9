import { it } from "vitest";
import { decodeMessage, encodeMessage } from "../../src/quorum/index.js";
import { Cluster } from "./harness/cluster.js";
import { text } from "./harness/keys.js";

it("perf", () => {
  for (const size of [7]) {
    const cluster = new Cluster(size, {
      timing: { deltaMs: 50, idleMs: 500, batchMs: 20, precisionMs: 500, messageDelayMs: 2000 },
    });
    cluster.start();
    cluster.run(5000);
    const h0 = cluster.members[0]!.log.length,
      m0 = cluster.messages,
      v0 = cluster.seats.verifier.calls;
    const c0 = process.cpuUsage();
    for (let i = 0; i < 300; i++) {
      for (let j = 0; j < 10; j++) cluster.submit(text(`op ${i} ${j} ` + "x".repeat(250)));
      cluster.run(60);
    }
    const c = process.cpuUsage(c0);
    const entries = cluster.members[0]!.log.length - h0;
    console.log(
      size,
      entries,
      "cpu ms/entry",
      (c.user + c.system) / 1000 / entries,
      "msgs/entry",
      (cluster.messages - m0) / entries,
      "verifies/entry",
      (cluster.seats.verifier.calls - v0) / entries,
    );
  }
});
