// A worker: claims tasks by bidding for them, and counts the words of each. It may die in the middle of one, to see what comes of that.
//   MABEAM_URL=… MABEAM_TOKEN=… node worker.mjs <name> <folder> [the task, counted from 1, in which it dies]
import { setTimeout as pause } from "node:timers/promises";
import { createAgent, strategies } from "mabeam/sdk";

const [name, folder, diesIn] = process.argv.slice(2);
const agent = createAgent({
  name,
  capabilities: ["task.count"],
  budget: { perAuction: 5_000_000n },
  daemon: { url: process.env.MABEAM_URL, token: process.env.MABEAM_TOKEN },
  folder,
  delayMs: 0,
});

let begun = 0;
agent.value("task.count", () => 1_000_000n); // it asks for a credit, and is paid what the next one asks
agent.bid(strategies.truthful());
agent.work(
  "task.count",
  async (task) => {
    begun += 1;
    await pause(100);
    if (begun === Number(diesIn)) process.kill(process.pid, "SIGKILL");
    const { n, text } = JSON.parse(Buffer.from(task.input).toString());
    return { output: { n, words: text.split(" ").length, by: name } };
  },
  { needsInput: true },
);
await agent.run();
