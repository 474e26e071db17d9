// An agent that renders, and buys GPUs, until it is killed: by itself, at the step that is named.
import { writeSync } from "node:fs";
import { createAgent } from "../../../node/sdk/index.js";

const [url, token, folder, step] = process.argv.slice(2) as [string, string, string, string];
/** kill -9, before anything else happens. */
const dieAt = (name: string): void => {
  if (step === name) process.kill(process.pid, "SIGKILL");
};

const ask = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const path = new URL(String(input)).pathname;
  const what = init?.method === "POST" ? path.split("/").at(-1) : "";
  dieAt(`before ${what}`);
  const answer = await ask(input, init);
  dieAt(`after ${what}`);
  return answer;
};

const CREDIT = 1_000_000n;
await createAgent({
  name: "mortal",
  capabilities: ["task.render", "gpu.a100"],
  budget: { perAuction: 50n * CREDIT },
  daemon: { url, token },
  folder,
  delayMs: 0,
  say(line) {
    writeSync(1, `${line}\n`);
    if (/ won: /.test(line)) dieAt("after win");
  },
})
  .value("task.render", () => {
    dieAt("while it values");
    return 4n * CREDIT;
  })
  .work("task.render", async (task, { progress }) => {
    writeSync(1, `work ${task.id} ${task.attempt}\n`);
    dieAt("as work begins");
    await new Promise((resolve) => setTimeout(resolve, 200));
    progress(0.5);
    dieAt("mid work");
    if (step === "always mid work") process.kill(process.pid, "SIGKILL");
    return { output: `picture of ${task.id}` };
  })
  .run();
