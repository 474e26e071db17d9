// Asking other peers over the sync protocol, and believing only answers to what was asked.
import type { Connection } from "@libp2p/interface";
import { type Bytes, decode, encode } from "../../src/base/index.js";
import type { Place, SnapshotRow } from "../../src/ledger/index.js";
import { decodeMessage, MAX_FRAME_BYTES, type QuorumMessage } from "../../src/quorum/index.js";
import { ask } from "./call.js";
import { NetworkRefusal, type SnapshotOffer } from "./ports.js";
import {
  LOG_PRUNED,
  MAX_LOG_BYTES,
  SNAPSHOT_GONE,
  SNAPSHOT_PENDING,
  SYNC_PROTOCOL,
  type SyncAnswer,
  type SyncQuestion,
  snapshotRows,
  syncAnswer,
  syncQuestion,
} from "./wire.js";

export type LogMessage = QuorumMessage & { readonly kind: "log" };

/** Refusals after which something else is asked; all others are told as REFUSED. */
const OWN_CODES: ReadonlySet<string> = new Set([LOG_PRUNED, SNAPSHOT_PENDING, SNAPSHOT_GONE]);

/** @throws NetworkRefusal if the answer is no answer, FrameError or libp2p's errors if there is none */
async function question(connection: Connection, value: SyncQuestion): Promise<SyncAnswer> {
  const bytes = await ask(connection, SYNC_PROTOCOL, encode(syncQuestion, value), MAX_FRAME_BYTES);
  const decoded = decode(syncAnswer, bytes, MAX_FRAME_BYTES);
  if (!decoded.ok)
    throw new NetworkRefusal("BAD_ANSWER", `the answer does not decode: ${decoded.error.code}`);
  if (decoded.value.kind === "refused") {
    const { code } = decoded.value;
    throw new NetworkRefusal(OWN_CODES.has(code) ? code : "REFUSED", code);
  }
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

/** The state that the peer hands on; that its hashes are a final header's is for the asker to judge. */
export async function askSnapshot(connection: Connection): Promise<SnapshotOffer> {
  const answer = await question(connection, { kind: "getSnapshot" });
  return answer.kind === "snapshot" ? answer : wrong("not a snapshot");
}

/** Its rows from a place on; none: there are no more. */
export async function askRows(
  connection: Connection,
  height: number,
  place: Place,
): Promise<readonly SnapshotRow[]> {
  const answer = await question(connection, { kind: "getRows", height, ...place });
  if (answer.kind !== "rows") return wrong("not rows");
  const decoded = decode(snapshotRows, answer.rows, MAX_LOG_BYTES);
  return decoded.ok ? decoded.value : wrong(`the rows do not decode: ${decoded.error.code}`);
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
