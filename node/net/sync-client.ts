// Asking other peers over the sync protocol, and believing only answers to what was asked.
import type { Connection } from "@libp2p/interface";
import { type Bytes, decode, encode } from "../../src/base/index.js";
import { decodeMessage, MAX_FRAME_BYTES, type QuorumMessage } from "../../src/quorum/index.js";
import { ask } from "./call.js";
import { NetworkRefusal } from "./ports.js";
import { SYNC_PROTOCOL, type SyncAnswer, type SyncQuestion, syncAnswer, syncQuestion } from "./wire.js";

export type LogMessage = QuorumMessage & { readonly kind: "log" };

/** @throws NetworkRefusal if the answer is no answer, FrameError or libp2p's errors if there is none */
async function question(connection: Connection, value: SyncQuestion): Promise<SyncAnswer> {
  const bytes = await ask(connection, SYNC_PROTOCOL, encode(syncQuestion, value), MAX_FRAME_BYTES);
  const decoded = decode(syncAnswer, bytes, MAX_FRAME_BYTES);
  if (!decoded.ok)
    throw new NetworkRefusal("BAD_ANSWER", `the answer does not decode: ${decoded.error.code}`);
  if (decoded.value.kind === "refused") throw new NetworkRefusal("REFUSED", decoded.value.code);
  return decoded.value;
}

const wrong = (detail: string): never => {
  throw new NetworkRefusal("BAD_ANSWER", detail);
};

export async function askGenesis(connection: Connection): Promise<Bytes> {
  const answer = await question(connection, { kind: "genesis" });
  return answer.kind === "genesis" ? answer.genesis : wrong("not a genesis");
}

/** Entries from `fromHeight` on. Whether they are right is for the log to judge; here they must be what was asked. */
export async function askLog(connection: Connection, fromHeight: number, max: number): Promise<LogMessage> {
  const answer = await question(connection, { kind: "getLog", fromHeight, max });
  if (answer.kind !== "log") return wrong("not a log");
  const decoded = decodeMessage(answer.log);
  if (!decoded.ok || decoded.value.kind !== "log") return wrong("the log does not decode");
  const { entries } = decoded.value;
  if (entries.length > max) wrong("more entries than asked for");
  entries.forEach((entry, i) => {
    if (entry.header.height !== fromHeight + i) wrong("entries of other heights than asked for");
  });
  return decoded.value;
}

/** @returns ACCEPTED when funds are on their way, or a code */
export async function askFaucet(connection: Connection, agent: Bytes): Promise<string> {
  const answer = await question(connection, { kind: "faucet", agent });
  return answer.kind === "verdict" ? answer.code : wrong("not a verdict");
}

/** @returns what became of it there: ACCEPTED, or a code */
export async function submitOperation(connection: Connection, op: Bytes): Promise<string> {
  const answer = await question(connection, { kind: "submit", op });
  return answer.kind === "verdict" ? answer.code : wrong("not a verdict");
}
