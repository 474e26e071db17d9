// The quorum: how this peer stands in it, who sits in it, and what it has made final.
import { z } from "zod";
import { document, listDocument } from "./document.js";
import { wish } from "./receipt.js";
import { pagedByHeight, peerQuery, type Route, read } from "./route.js";
import { count, hex32, time } from "./scalar.js";

const amnesiaView = z.strictObject({
  /** null: not known any more */
  since: time.nullable(),
  /** the seats that have told where this one stood, since its last start */
  answered: z.array(count),
  /** their power */
  power: count,
  /** the power of all others: below `needed`, only the operator's word ends amnesia */
  others: count,
  needed: z.int().min(1),
});

const haltView = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("fork"),
    /** two of them conflict; one, where this peer does not hold the other */
    certificates: z.array(
      z.strictObject({ type: z.enum(["ack", "skip", "commit"]), term: count, entry: hex32 }),
    ),
  }),
  /** so many seats convicted in one epoch that its certificates prove nothing */
  z.strictObject({ kind: z.literal("convictions"), seats: count, tolerated: count }),
  /** the state root after `height`: this peer's own, and the quorum's */
  z.strictObject({ kind: z.literal("corrupt"), height: count, own: hex32, finalised: hex32 }),
]);
export type HaltView = z.output<typeof haltView>;

export const quorumView = z.strictObject({
  epoch: count,
  setHash: hex32,
  members: z.int().min(1),
  /** Q: how many must sign */
  quorum: z.int().min(1),
  /** F: how many may lie */
  byzantineTolerance: count,
  term: count,
  leader: count,
  seat: count.nullable(),
  height: count,
  finalId: hex32,
  stateRoot: hex32,
  ledgerTime: time,
  /** why this peer does not vote; null: it votes, or has no seat */
  halted: z.enum(["fork", "amnesia", "corrupt"]).nullable(),
  /** what a seat in amnesia waits for; null: it is not */
  amnesia: amnesiaView.nullable(),
  /** what stopped this peer for ever; null: nothing did, or what did can no longer be read */
  halt: haltView.nullable(),
});
export type QuorumView = z.output<typeof quorumView>;

export const memberView = z.strictObject({
  seat: count,
  key: hex32,
  agent: hex32,
  power: z.int().min(1),
  leads: z.boolean(),
  self: z.boolean(),
  slashed: z.boolean(),
});
export type MemberView = z.output<typeof memberView>;

export const logEntryView = z.strictObject({
  height: count,
  id: hex32,
  parent: hex32,
  term: count,
  leader: count,
  time,
  operations: count,
  bytes: count,
  execHeight: count,
  execRoot: hex32,
  /** the seats whose certificate finalised it; null: a descendant's did */
  signers: z.array(count).nullable(),
});
export type LogEntryView = z.output<typeof logEntryView>;

export const quorumDocument = document("Quorum", quorumView);
const memberListDocument = listDocument("MemberList", memberView);
const logEntryListDocument = listDocument("LogEntryList", logEntryView);

/** The operator's word that a seat in amnesia signs again. */
const overrideAmnesiaRequest = z.strictObject({
  acceptRisk: z
    .literal(true)
    .describe("what this seat signed and has forgotten may be contradicted, which costs its bond"),
  force: z
    .boolean()
    .optional()
    .describe("also where the other members could still tell what this seat has signed"),
});

export const QUORUM_ROUTES = {
  quorum: read("quorum", "/v1/quorum", "The quorum, and how this peer stands in it", quorumDocument),
  overrideAmnesia: wish(
    "quorum",
    "/v1/quorum/override-amnesia",
    "Let a seat in amnesia sign again",
    overrideAmnesiaRequest,
  ),
  members: read("quorum", "/v1/quorum/members", "The seats and who holds them", memberListDocument),
  log: read(
    "quorum",
    "/v1/quorum/log",
    "Final entries of the log, newest first",
    logEntryListDocument,
    z.strictObject({ ...peerQuery, ...pagedByHeight }),
  ),
} as const satisfies Record<string, Route>;
