// Lies to those who ask: pages with gaps, foreign bodies, no proof, wrong justifications, and a status that inflates.
import type { LogEntry, QuorumMessage, Status } from "../../../../src/quorum/index.js";
import type { Random } from "../world/random.js";
import { type Forger, nothing, type Strategy, soon } from "./strategy.js";

type Answer<K extends QuorumMessage["kind"]> = Extract<QuorumMessage, { readonly kind: K }>;

const HOUR_MS = 3_600_000;

function falsePage(random: Random, page: Answer<"log">): Answer<"log"> {
  const { entries } = page;
  const late = (one: LogEntry): LogEntry => ({
    ...one,
    header: { ...one.header, timeMs: one.header.timeMs + 1 },
  });
  const lies: readonly (() => Answer<"log">)[] = [
    () => ({ ...page, entries: [] }),
    () => ({ ...page, entries: entries.slice(1) }),
    () => ({ ...page, entries: entries.slice(0, 1) }),
    () => ({ ...page, entries: [...entries].reverse() }),
    () => ({ ...page, cert: null }),
    () => ({ ...page, entries: entries.map((one) => ({ ...one, ops: [] })) }),
    () => ({ ...page, entries: entries.map(late) }),
    () => ({
      ...page,
      entries: entries.map((one) => ({ ...one, header: { ...one.header, height: one.header.height + 1 } })),
    }),
  ];
  return random.pick(lies)();
}

function falseJustification(random: Random, said: Answer<"justify">): Answer<"justify"> {
  const { certs, total } = said;
  return random.pick([
    { ...said, certs: certs.slice(1) },
    { ...said, certs: [...certs].reverse() },
    { ...said, certs: certs.map((cert) => ({ ...cert, term: cert.term + 1 })) },
    { ...said, total: total + 1 },
    { ...said, from: said.from + 1 },
  ]);
}

function falseStatus(forger: Forger, random: Random, told: Status): Status {
  return forger.status(
    random.pick([
      { ...told, term: told.term + 1_000, maxTermSeen: told.maxTermSeen + 1_000 },
      { ...told, finalHeight: 2 ** 40 },
      { ...told, clockMs: told.clockMs + HOUR_MS },
      { ...told, clockMs: told.clockMs - HOUR_MS },
      { ...told, entered: null },
      { ...told, highestOfAsker: null },
    ]),
  );
}

export const falseLog: Strategy = (forger, random) => {
  function lie(message: QuorumMessage): QuorumMessage {
    if (message.kind === "log") return falsePage(random, message);
    if (message.kind === "justify") return falseJustification(random, message);
    if (message.kind === "certs") return { ...message, certs: message.certs.slice(1) };
    if (message.kind !== "status") return message;
    return { ...message, status: falseStatus(forger, random, message.status) };
  }

  return {
    speak: (outgoing) =>
      outgoing.map((one) => {
        if (one.to === "topic" || !random.chance(0.8)) return soon(one);
        return soon({ ...one, message: lie(one.message) });
      }),
    hear: nothing,
  };
};
