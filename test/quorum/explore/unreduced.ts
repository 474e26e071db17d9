// A run without any reduction: one set of bytes for all, votes one by one, any message at any time, at random.
import { toHex, ZERO_HASH } from "../../../src/base/index.js";
import {
  createVoter,
  entryIdOf,
  type QuorumMessage,
  step,
  type Vote,
  type Voter,
  type VoterInput,
  votesOf,
} from "../../../src/quorum/index.js";
import { longestIdleMs } from "../../../src/quorum/rules.js";
import { idleIntervalMs } from "../../../src/quorum/voter/pacing.js";
import { CHAIN } from "../harness/member.js";
import { childOf, GENESIS, type Name } from "./names.js";
import { certificateBy, configOf, ELECTORATE, rootAt, TIMING, TRUE_RULES } from "./world.js";

const LONGEST_MS = longestIdleMs(TIMING);

interface Freely {
  readonly voter: Voter;
  readonly words: Set<string>;
  nowMs: number;
  height: number;
}

/**
 * Three honest members and one that votes for everything, and a network that keeps every message and delivers any of
 * them, again too. Yields what was said, as the explorer writes it, after every event.
 * @param random draws an integer below its argument
 * @param liar the Byzantine seat; none of the terms played is its own
 */
export function* wander(
  liar: number,
  terms: number,
  events: number,
  random: (below: number) => number,
): Iterable<string> {
  const names = new Map<string, Name>([[toHex(CHAIN), GENESIS]]);
  const soup = new Map<string, QuorumMessage>();
  const members: Freely[] = [];
  for (let seat = 0; seat < ELECTORATE.size; seat++) {
    if (seat === liar) continue;
    const voter = createVoter(configOf(seat, TRUE_RULES, 0));
    members.push({ voter, words: new Set(), nowMs: 1_000_000, height: 0 });
  }
  const lie = (term: number, id: Uint8Array): void => {
    for (const kind of ["ack", "commit", "skip"] as const) {
      const entryId = kind === "skip" ? ZERO_HASH : id;
      for (const vote of votesOf(certificateBy([liar], kind, term, entryId))) spread({ kind: "vote", vote });
    }
  };
  const spread = (message: QuorumMessage): void => {
    soup.set(nameOfMessage(message), message);
  };
  const hear = (member: Freely, input: VoterInput): void => {
    let output = step(member.voter, input);
    for (;;) {
      for (const { message } of output.sends) say(member, message);
      if (member.voter.lastFinal.height <= member.height) return;
      member.height++;
      const { nowMs, height } = member;
      output = step(member.voter, { kind: "executed", nowMs, height, root: rootAt(height) });
    }
  };
  const say = (member: Freely, message: QuorumMessage): void => {
    if (message.kind === "propose") {
      const { header } = message.propose.entry;
      const parent = names.get(toHex(header.parent))!;
      const name = childOf(parent, header.term, "", header.execHeight);
      names.set(toHex(entryIdOf(header)), name);
      member.words.add(`propose ${header.term} ${name}`);
      lie(header.term, entryIdOf(header));
    } else if (message.kind === "vote") member.words.add(wordOf(message.vote, names));
    if (["propose", "vote", "cert", "justify"].includes(message.kind)) spread(message);
  };
  for (let term = 1; term <= terms; term++) {
    for (const vote of votesOf(certificateBy([liar], "skip", term, ZERO_HASH)))
      spread({ kind: "vote", vote });
  }
  for (const member of members) hear(member, { kind: "start", nowMs: member.nowMs });
  for (let i = 0; i < events; i++) {
    const member = members[random(members.length)]!;
    const messages = [...soup.values()];
    const message = messages[random(messages.length)]!;
    const what = random(12);
    if (what > 1) {
      const from = message.kind === "justify" ? ELECTORATE.leaderOf(member.voter.term) : null;
      hear(member, { kind: "message", from, peer: "network", message, nowMs: member.nowMs });
    } else if (member.voter.term <= terms) {
      const intervalMs = idleIntervalMs(member.voter);
      // Without the header below, the interval is the longest there is: its end is the end of patience, and no idling.
      if (what === 0 && intervalMs === LONGEST_MS) continue;
      const { enteredAtMs } = member.voter.clock;
      member.nowMs = what === 0 ? Math.max(member.nowMs, enteredAtMs + intervalMs) : member.nowMs + 600_000;
      hear(member, { kind: "tick", nowMs: member.nowMs });
    }
    yield members.map(({ words }) => saidUpTo(terms, words)).join(" / ");
  }
}

const wordOf = ({ type, term, entryId }: Vote, names: ReadonlyMap<string, Name>): string =>
  `${type} ${term} ${type === "skip" ? GENESIS : names.get(toHex(entryId))}`;

/** The last term may be left, and the next one entered; what is said there is not compared. */
const saidUpTo = (terms: number, words: ReadonlySet<string>): string =>
  [...words]
    .filter((word) => Number(word.split(" ")[1]) <= terms)
    .sort()
    .join(", ");

/** One message is kept once, however often it is repeated. */
function nameOfMessage(message: QuorumMessage): string {
  switch (message.kind) {
    case "vote":
      return `${message.vote.type} ${message.vote.term} ${message.vote.signer} ${toHex(message.vote.entryId)}`;
    case "propose":
      return `propose ${toHex(entryIdOf(message.propose.entry.header))} ${message.propose.parentCert !== null}`;
    case "cert":
      return `cert ${message.cert.type} ${message.cert.term} ${message.cert.signers} ${toHex(message.cert.entryId)}`;
    case "justify":
      return `justify ${toHex(message.justifyHash)}`;
    default:
      return message.kind;
  }
}
