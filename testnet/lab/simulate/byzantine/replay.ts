// Says again what was said before, by itself and by others, and what it would say in another market or epoch.
import type { QuorumMessage, Vote } from "../../../../src/quorum/index.js";
import type { Speech } from "../world/world.js";
import { messageOf, ownVote, type Strategy, soon, toMembers } from "./strategy.js";

const REPEATED: ReadonlySet<QuorumMessage["kind"]> = new Set([
  "vote",
  "propose",
  "cert",
  "certs",
  "justify",
  "status",
  "entry",
  "log",
]);
/** How many messages it remembers, chosen evenly from all it ever met. */
const MEMORY = 300;

export const replay: Strategy = (forger, random) => {
  const memory: QuorumMessage[] = [];
  let met = 0;

  function remember(message: QuorumMessage | null): void {
    if (message === null || !REPEATED.has(message.kind)) return;
    met++;
    if (memory.length < MEMORY) memory.push(message);
    else if (random.chance(MEMORY / met)) memory[random.between(0, MEMORY - 1)] = message;
  }

  /** Its vote as another market or epoch would have it. */
  function elsewhere(vote: Vote): readonly Speech[] {
    const abroad = forger.voteAbroad(vote.type, vote.term, vote.entryId);
    const later = { ...vote, epoch: vote.epoch + 1 };
    return [abroad, later].map((one) => soon(toMembers({ kind: "vote", vote: one })));
  }

  return {
    speak: (outgoing) =>
      outgoing.flatMap((one) => {
        const message = messageOf(one);
        remember(message);
        const vote = ownVote(forger, message);
        return vote !== null && random.chance(0.2) ? [...elsewhere(vote), soon(one)] : [soon(one)];
      }),
    hear(message) {
      remember(message);
      if (memory.length === 0 || !random.chance(0.2)) return [];
      return [soon(toMembers(random.pick(memory)), random.between(0, 2 * forger.deltaMs))];
    },
  };
};
