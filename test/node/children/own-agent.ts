// An agent with its own key that buys GPUs until it kills itself, at the step that is named.
import { createHash } from "node:crypto";
import { writeSync } from "node:fs";
import { createAgent } from "../../../node/sdk/index.js";

const [url, token, folder, step, name] = process.argv.slice(2) as [string, string, string, string, string];

const ask = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const what = init?.method === "POST" ? new URL(String(input)).pathname.split("/").at(-1) : "";
  if (step === `before ${what}`) process.kill(process.pid, "SIGKILL");
  const answer = await ask(input, init);
  if (step === `after ${what}`) process.kill(process.pid, "SIGKILL");
  return answer;
};

await createAgent({
  name: "own",
  key: new Uint8Array(createHash("sha256").update(name).digest()),
  capabilities: ["gpu.a100"],
  budget: { perAuction: 50_000_000n },
  daemon: { url, token },
  folder,
  say: (line) => void writeSync(1, `${line}\n`),
})
  .value("gpu.a100", () => 15_000_000n)
  .run();
