// What each kind of work costs a process's thread, in µs at speed 1: the machine of ADR 0063, nothing else running on it.
import { weightOf } from "../../../node/driver/message-weight.js";
import type { Ready } from "../../../src/peer/ready.js";
import type { QuorumMessage } from "../../../src/quorum/index.js";
import type { Happening } from "./machine.js";

/** The second number of a pair is for each operation in it. */
export const COST_US = {
  /** a signature that was not judged before, by libsodium: `bench --only signature` */
  verification: 95,
  /**
   * a message of gossip read off the stream of each peer that relays it, and written to one. With two relays in a mesh of
   * four that makes 950 for a delivered operation; `bench --only gossip` measures 540 to 1,380
   */
  gossipRead: 200,
  gossipWrite: 150,
  /** decoding an operation at the gate, its hash, and the state's word on it: timed in runs of this simulator, as all of `step` */
  judging: 60,
  /** a frame of a direct protocol, as one of gossip without gossipsub's part; and each KiB of it */
  frameRead: 80,
  frameWrite: 80,
  kib: 5,
  /** a request of the API, its answer included: `bench --only admit-bid`, and node:http */
  request: 400,
  /** a connection beyond those that may stand */
  turnedAway: 100,
  /** of a synced batch, the thread's part */
  batch: 60,
  step: { operation: 150, command: 250, tick: 30, message: 50, start: 3_000, connected: 150 },
  /** an entry, as its leader fills it, as a member judges it, as each executes it */
  filled: [600, 100],
  judged: [300, 40],
  executed: [700, 200],
} as const;

export const frameUs = (message: QuorumMessage, each: number): number =>
  each + Math.ceil((weightOf(message) * COST_US.kib) / 1024);

/** A step, apart from the signatures that it verifies. */
export function stepUs(happening: Happening, { send, notify }: Ready): number {
  const { step, filled, judged, executed } = COST_US;
  let us: number = step[happening.kind];
  if (happening.kind === "message" && happening.message.kind === "propose") {
    us += entryUs(judged, happening.message.propose.entry.ops.length);
  }
  for (const outgoing of send) {
    if (outgoing.to !== "members" || outgoing.message.kind !== "propose") continue;
    us += entryUs(filled, outgoing.message.propose.entry.ops.length);
  }
  for (const notice of notify) if (notice.kind === "entry") us += entryUs(executed, notice.operations);
  return us;
}

const entryUs = ([each, operation]: readonly [number, number], operations: number): number =>
  each + operation * operations;
