// Target: three honest members in the middle of a run, told whatever the fourth's key can sign and anything else.
import type { Bytes } from "../../../src/base/index.js";
import {
  decodeMessage,
  encodeMessage,
  type QuorumMessage,
  statusDigest,
  type Voter,
  type VoterOutput,
} from "../../../src/quorum/index.js";
import { forgeVote, reproposed } from "../../quorum/harness/byzantine.js";
import { violations } from "../../quorum/harness/checks.js";
import { type Addressed, Cluster } from "../../quorum/harness/cluster.js";
import { text } from "../../quorum/harness/keys.js";
import { CHAIN, MARKET } from "../../quorum/harness/member.js";
import { mustHold, type Target } from "../target.js";
import {
  type Blow,
  CULPRIT,
  decodeScript,
  frameOf,
  inventScript,
  REMEMBERED,
  Sightings,
  seatOf,
} from "./script.js";

const SEATS = 4;
const HONEST = [0, 1, 2];
const BLOWS = 160;
/** After the last blow, for liveness to be seen again: every honest member goes on by so many entries. */
const HEAL_MS = 20_000;
const HEALED_ENTRIES = 3;

class Recorded extends Cluster {
  /** the latest messages of anyone, encoded */
  readonly frames: Bytes[] = [];

  override send(from: number, all: readonly Addressed[]): void {
    const messages = new Set(all.map(({ message }) => message));
    for (const message of messages) this.frames.push(encodeMessage(message));
    while (this.frames.length > REMEMBERED) this.frames.shift();
    super.send(from, all);
  }
}

/** A run in which there was something to say of every kind: operations, and a member that was away and came back. */
function begun(bug: Bug): Recorded {
  const cluster = new Recorded(SEATS);
  bug(cluster);
  cluster.start();
  cluster.submit(text("one operation"));
  cluster.run(700);
  cluster.crash(CULPRIT);
  // Work, or its turns would only be waited for: with it they are skipped, and the next proposals justify the gaps.
  for (let i = 0; i < 8; i++) {
    cluster.submit(text(`operation ${i} while it is away`), HONEST);
    cluster.run(250);
  }
  cluster.restart(CULPRIT);
  cluster.submit(text("another operation"));
  cluster.run(60);
  return cluster;
}

const isReadable = (frame: Bytes): boolean => decodeMessage(frame).ok;

/** Who has the same keys and domain in every run. */
const reference = new Cluster(SEATS);
const sightings = new Sightings();

/** The same in the culprit's name. Half of the blows are: garbage under a bad signature does not get far. */
function resigned(message: QuorumMessage): QuorumMessage | null {
  const signer = reference.seats.signers[CULPRIT]!;
  switch (message.kind) {
    case "vote": {
      const { type, term, entryId } = message.vote;
      return { kind: "vote", vote: forgeVote(reference, CULPRIT, type, term, entryId) };
    }
    case "propose":
      return { kind: "propose", propose: reproposed(signer, message.propose, {}) };
    case "entry": {
      const whole = { entry: message.entry, parentHeader: null, parentCert: null };
      return { kind: "entry", entry: reproposed(signer, whole, {}).entry };
    }
    case "status": {
      const unsigned = { ...message.status, signer: CULPRIT };
      return {
        kind: "status",
        status: {
          ...unsigned,
          sig: signer.sign(statusDigest(CHAIN, MARKET, unsigned)),
        },
      };
    }
    default:
      return null;
  }
}

/** Lives through a script: the members must bear every blow, remember little of it, and go on afterwards. */
function lived(blows: readonly Blow[], bug: Bug): string {
  const cluster = begun(bug);
  for (const one of blows) {
    cluster.run(one.waitMs);
    strike(cluster, one);
  }
  const heights = cluster.heights();
  cluster.submit(text(`after ${blows.length} blows`), HONEST);
  const goesOn = cluster.run(HEAL_MS, () =>
    HONEST.every((at) => cluster.members[at]!.log.length >= heights[at]! + HEALED_ENTRIES),
  );
  mustHold(violations(cluster, HONEST).length === 0, violations(cluster, HONEST).join("; "));
  for (const at of HONEST) {
    const { standing } = cluster.members[at]!.voter!;
    mustHold(standing === "voting", `member ${at} is ${standing}`);
  }
  mustHold(goesOn, "liveness did not return");
  return `ok ${sightings.count}`;
}

function strike(cluster: Recorded, one: Blow): void {
  const decoded = decodeMessage(frameOf(one, cluster.frames, isReadable));
  if (!decoded.ok) {
    sightings.note(decoded.error.code);
    return;
  }
  const message = one.seed % 2 === 0 ? decoded.value : (resigned(decoded.value) ?? decoded.value);
  const member = cluster.members[one.to]!;
  if (message.kind === "op") {
    if (message.op.length === 0 || message.op[0] === 0) return; // no mempool takes such a one
    member.ledger.submit(message.op, cluster.nowMs);
    cluster.input(one.to, { kind: "work" });
    return;
  }
  const { outputs } = member;
  outputs.length = 0;
  const input = {
    kind: "message",
    nowMs: cluster.nowMs,
    from: seatOf(one),
    peer: String(CULPRIT),
    message,
  } as const;
  cluster.say(one.to, member.take(input));
  isBounded(member.voter!);
  sightings.note(`${message.kind} ${outputs.map(outputSignal).join("|")}`);
}

const outputSignal = ({ refused, sends, writes, finalised, evidence, amnesia }: VoterOutput): string =>
  [
    refused.map(({ code }) => code).join(),
    sends.map(({ to, message }) => `${to.kind} ${message.kind}`).join(),
    Math.min(writes.length, 3),
    Math.min(finalised.length, 2),
    evidence.map(({ type }) => type).join(),
    amnesia ?? "",
  ].join(" ");

/** Nothing that a member remembers grows with what it is told. */
function isBounded(voter: Voter): void {
  const {
    sheets,
    entries,
    queue,
    justifications,
    finalTerms,
    asks,
    refusedCerts,
    ackedTerms,
    roots,
    attested,
  } = voter;
  const sizes = {
    sheets,
    entries,
    justifications,
    finalTerms,
    asks,
    refusedCerts,
    ackedTerms,
    roots,
    attested,
  };
  const limits = { ...LIMITS };
  for (const [name, { size }] of Object.entries(sizes)) {
    mustHold(size <= limits[name as keyof typeof sizes], `${name} holds ${size}`);
  }
  mustHold(queue.length <= 256, `the queue holds ${queue.length}`);
}

/** Terms kept are 64 here, and the window W is 64 more; of each term a few things of each seat. */
const LIMITS = {
  sheets: 140,
  entries: 600,
  justifications: 140,
  finalTerms: 140,
  asks: 64,
  refusedCerts: 1024,
  ackedTerms: 140,
  roots: 140,
  attested: 140,
};

/** A change to a cluster before it starts. */
type Bug = (cluster: Cluster) => void;

/** @param bug what is planted: the target must then fail */
export const voterTarget = (bug: Bug = () => undefined): Target => ({
  name: "voter",
  share: 2,
  trials: 150,
  seeds: () => [],
  invent: (random) => inventScript(random, BLOWS),
  size: (input) => Math.max(1, decodeScript(input).length),
  take: (input) => lived(decodeScript(input), bug),
});
