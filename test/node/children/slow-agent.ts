// An agent whose value function takes its whole thread for some seconds at its first lot: it reads nothing meanwhile.
import { writeSync } from "node:fs";
import { createAgent } from "../../../node/sdk/index.js";

const [url, token, folder, ms] = process.argv.slice(2) as [string, string, string, string];
let isFirst = true;
await createAgent({
  name: "slow",
  capabilities: ["gpu.a100"],
  budget: { perAuction: 50_000_000n },
  daemon: { url, token },
  folder,
  delayMs: 0,
  say: (line) => void writeSync(1, `${line}\n`),
})
  .value("gpu.a100", () => {
    if (isFirst) {
      isFirst = false;
      writeSync(1, "thinking\n");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms));
    }
    return 15_000_000n;
  })
  .run();
