// The process of a phase: does the jobs that its parent names, one after the other, and ends when the parent lets go.
import "../../node/polyfill.js";
import { type Answer, PHASES, type Phase, type PhaseName, type Question } from "./phase.js";

const { open } = await PHASES[process.argv[2] as PhaseName]();
const phase: Phase = await open();
let last: Promise<unknown> = Promise.resolve();

process.on("message", ({ id, job, input }: Question) => {
  last = last.then(async () => {
    const answer = await answerTo(id, job, input);
    if (process.connected) process.send?.(answer);
  });
});
process.on("disconnect", () => {
  void last.then(() => phase.close()).finally(() => process.exit());
});

async function answerTo(id: number, job: string, input: unknown): Promise<Answer> {
  try {
    return { id, ok: true, result: await phase.jobs[job]?.(input as never) };
  } catch (error) {
    return { id, ok: false, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
