// The signatures of operations that a message brings before any mempool has seen them.
import type { Peer } from "../../src/peer/index.js";
import { bodyFor, type LogEntry, type Question, type QuorumMessage } from "../../src/quorum/index.js";

/**
 * What the step will ask about in the bodies of a proposal, an entry or a log, where they are what their headers commit to. A leader
 * may fill an entry with operations of nobody's account whose signatures only noble accepts: it is valid on its face,
 * costs nothing, and took every peer 2 ms for each on its main thread.
 */
export function questionsInBodies({ judge }: Pick<Peer, "judge">, message: QuorumMessage): Question[] {
  return entriesIn(message).flatMap(({ header, ops }) =>
    bodyFor(header, ops) === null ? [] : judge.questionsOf(ops),
  );
}

function entriesIn(message: QuorumMessage): readonly Pick<LogEntry, "header" | "ops">[] {
  if (message.kind === "propose") return [message.propose.entry];
  if (message.kind === "entry") return [message.entry];
  return message.kind === "log" ? message.entries : [];
}
