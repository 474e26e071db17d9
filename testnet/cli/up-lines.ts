// What `up` prints, whether its peers share a process or not: that it is ready, then one line per market event.
import { appendFileSync } from "node:fs";
import pc from "picocolors";
import type { CommandIo } from "../../node/cli/commands.js";
import type { ApiEvent } from "../../node/contract/index.js";
import { printable } from "../../node/printable.js";
import { toHex } from "../../src/base/index.js";
import type { TestnetPaths } from "../home.js";
import type { TestnetPlan } from "../plan.js";
import { eventLine, isMarketEvent } from "./event-lines.js";
import { type ReadyView, readyDocument, readyLines } from "./ready-lines.js";
import { durationOf } from "./step-lines.js";

export type Out = (line: string) => void;

/** A log that cannot be written, by a full disk or a folder that is gone, is no reason to end a network. */
export function appendLine({ logFile }: TestnetPaths, line: string): void {
  try {
    appendFileSync(logFile, `${printable(line, false)}\n`, { mode: 0o600 });
  } catch {
    // The same line went to whoever watches.
  }
}

/** Every line also goes to the testnet's log, which `mabeam testnet logs` shows. */
export function tee(io: CommandIo, paths: TestnetPaths): Out {
  return (line) => {
    io.out(line);
    appendLine(paths, line);
  };
}

export function announce(view: ReadyView, json: boolean, out: Out, io: CommandIo, startedAtMs: number): void {
  if (json) {
    out(JSON.stringify(readyDocument(view)));
    return;
  }
  for (const line of readyLines(view, io)) out(line);
  const took = pc.createColors(io.colors).dim(`(${durationOf(Date.now() - startedAtMs)})`);
  out(`Testnet is ready ${took}`);
}

/** What ^C has begun. @param home where the state stays; null: it was kept in memory */
export function stoppingLine(peers: number, home: string | null): string {
  const kept = home === null ? "nothing of it is kept" : `its state stays in ${home}, and \`up\` resumes it`;
  return `stopping the testnet's ${peers} peers; ${kept} (^C again: at once)`;
}

/** A listener that prints what happens in the market. */
export function showing(
  plan: TestnetPlan,
  json: boolean,
  out: Out,
  io: CommandIo,
): (event: ApiEvent) => void {
  const names = new Map(plan.agentPlans.map(({ name, key }) => [toHex(key.publicKey), name]));
  const style = { colors: io.colors, nameOf: (agent: string) => names.get(agent) ?? null };
  return (event) => {
    if (!isMarketEvent(event)) return;
    const line = json ? JSON.stringify(event) : eventLine(event, style);
    if (line !== null) out(line);
  };
}

/** What a demo agent wished in vain: worth a word to people who watch, and no data. */
export function refusalLine(io: CommandIo, agent: string, wish: string, code: string): void {
  if (io.progress) io.err(`${agent}: its ${wish} was refused (${code})`);
}
