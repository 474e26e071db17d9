// R3: an entry with much that is idle is not acknowledged, and nobody is blamed; who cannot judge asks, and then judges.
import { describe, expect, it } from "vitest";
import {
  bodyOf,
  entryIdOf,
  formCertificate,
  type Header,
  opsBytesOf,
  opsRootOf,
  type Propose,
  proposeDigest,
  type QuorumMessage,
} from "../../src/quorum/index.js";
import { knownEntry } from "../../src/quorum/log/entries.js";
import { forgeVote } from "./harness/byzantine.js";
import { Cluster } from "./harness/cluster.js";
import { text } from "./harness/keys.js";
import type { Member } from "./harness/member.js";

const bodyNamed = (name: string, count: number, bytes = 20): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, i) => text(`${name} ${i}`.padEnd(bytes)));

/** A cluster in the middle of its life, and what leaders of its next terms could propose. */
class Scene {
  readonly cluster = new Cluster(4);
  readonly member: Member;
  readonly first: Propose;

  /** @param ops of the entry that the leader of the present term proposes */
  constructor(ops: readonly Uint8Array[]) {
    this.cluster.start();
    this.cluster.run(3000);
    const { electorate, term } = this.cluster.members[0]!.voter!;
    const leaders = [electorate.leaderOf(term), electorate.leaderOf(term + 1)];
    this.member = this.cluster.members.find((_, seat) => !leaders.includes(seat))!;
    this.first = this.upon(null, ops);
  }

  get voter() {
    return this.member.voter!;
  }

  /** A proposal upon another one, or upon the newest certified entry. */
  upon(below: Propose | null, ops: readonly Uint8Array[]): Propose {
    const { voter, cluster } = this;
    const sheet = [...voter.sheets.values()].find(({ term }) => term === voter.term - 1)!;
    const cert = sheet.ackCert!;
    const parent =
      below?.entry.header ??
      [...voter.entries.values()].find(({ id }) => id.join() === cert.entryId.join())!.header;
    const term = parent.term + 1;
    const leader = voter.electorate.leaderOf(term);
    const header: Header = {
      ...parent,
      term,
      leader,
      height: parent.height + 1,
      parent: entryIdOf(parent),
      parentTerm: parent.term,
      timeMs: cluster.nowMs + term,
      opsCount: ops.length,
      opsBytes: opsBytesOf(ops),
      opsRoot: opsRootOf(bodyOf(ops)),
    };
    const leaderSig = cluster.seats.signers[leader]!.sign(proposeDigest(entryIdOf(header)));
    const parentCert = below === null ? cert : this.certified(below);
    return { entry: { header, ops, leaderSig }, parentHeader: parent, parentCert };
  }

  /** By all but one member, who never signed it and knows that. */
  certified({ entry: { header } }: Propose, without = this.member) {
    const id = entryIdOf(header);
    const seats = [0, 1, 2, 3].filter((seat) => this.cluster.members[seat] !== without);
    return formCertificate(seats.map((seat) => forgeVote(this.cluster, seat, "ack", header.term, id)));
  }

  /** What the member says to a message from a seat. */
  hears(message: QuorumMessage, from: number, member = this.member): readonly QuorumMessage[] {
    member.outputs.length = 0;
    member.take({ kind: "message", nowMs: this.cluster.nowMs, from, peer: String(from), message });
    return member.outputs.flatMap(({ sends }) => sends.map((one) => one.message));
  }

  hearsProposal(propose: Propose): readonly QuorumMessage[] {
    return this.hears({ kind: "propose", propose }, propose.entry.header.leader);
  }
}

const votesIn = (said: readonly QuorumMessage[]): string[] =>
  said.flatMap((one) => (one.kind === "vote" ? [one.vote.type] : []));

describe("an entry is acknowledged", () => {
  it.each([
    [16, 1024, ["ack"]],
    [17, 20, []],
    [15, 1100, []],
  ] as const)("with %i idle operations of %i bytes: %j", (idle, bytes, votes) => {
    const scene = new Scene(bodyNamed("op", 40, bytes));
    scene.member.ledger.idle = idle;
    expect(votesIn(scene.hearsProposal(scene.first))).toEqual(votes);
    expect(scene.member.evidence).toEqual([]);
    expect(scene.member.outputs.flatMap(({ refused }) => refused)).toEqual([]);
  });

  it("without a question if it is small", () => {
    const scene = new Scene(bodyNamed("op", 16, 1024));
    expect(votesIn(scene.hearsProposal(scene.first))).toEqual(["ack"]);
    expect(scene.member.ledger.judgedUpon).toBeNull();
  });

  it("by others, and is committed to by who did not", () => {
    const scene = new Scene(bodyNamed("op", 40));
    scene.member.ledger.idle = 40;
    expect(votesIn(scene.hearsProposal(scene.first))).toEqual([]);
    expect(votesIn(scene.hears({ kind: "cert", cert: scene.certified(scene.first) }, 0))).toContain("commit");
  });
});

describe("what lies between state and entry", () => {
  it("is asked for when it is missing; the entry is judged upon it once it is here", () => {
    const scene = new Scene(bodyNamed("below", 20));
    const above = scene.upon(scene.first, bodyNamed("above", 20));
    const { header } = scene.first.entry;
    const said = scene.hearsProposal(above);
    expect(votesIn(said)).not.toContain("ack");
    expect(scene.member.ledger.judgedUpon).toBeNull();
    expect(said).toContainEqual({ kind: "getEntry", entryId: entryIdOf(header) });
    const answer = scene.hears({ kind: "entry", entry: scene.first.entry }, above.entry.header.leader);
    expect(votesIn(answer)).toContain("ack");
    expect(scene.member.ledger.judgedUpon).toBe(20);
  });

  it("is not asked for below what nobody certified: a liar would have it judged, by the entry", () => {
    const scene = new Scene(bodyNamed("op", 40));
    const { ops } = scene.first.entry;
    const below = { ...scene.first.entry.header, opsRoot: scene.voter.config.chain };
    const header = { ...below, parent: entryIdOf(below), height: below.height + 1 };
    const leaderSig = scene.cluster.seats.signers[header.leader]!.sign(proposeDigest(entryIdOf(header)));
    const lie: Propose = { entry: { header, ops, leaderSig }, parentHeader: null, parentCert: null };
    expect(scene.hearsProposal(lie)).toEqual([]);
  });

  it("is waited for when the leader has executed more", () => {
    const scene = new Scene(bodyNamed("op", 40));
    const executed = scene.voter.executedHeight;
    scene.voter.executedHeight = scene.first.entry.header.execHeight - 1;
    expect(votesIn(scene.hearsProposal(scene.first))).toEqual([]);
    scene.voter.executedHeight = executed;
    scene.member.take({ kind: "tick", nowMs: scene.cluster.nowMs });
    expect(scene.member.ledger.judgedUpon).not.toBeNull();
  });

  it("is not included again by a leader that has it, and no certificate for it but its child's", () => {
    const below = bodyNamed("below", 20);
    const scene = new Scene(below);
    const second = { ...scene.upon(scene.first, []), parentCert: null };
    const { term } = second.entry.header;
    const member = scene.cluster.members[scene.voter.electorate.leaderOf(term + 1)]!;
    for (const op of [...below, ...bodyNamed("mine", 5)]) member.ledger.submit(op, scene.cluster.nowMs);
    for (const propose of [scene.first, second])
      scene.hears({ kind: "propose", propose }, propose.entry.header.leader, member);
    const said = [...scene.hears({ kind: "cert", cert: scene.certified(second, member) }, 0, member)];
    for (let i = 0; i < 40; i++) {
      member.outputs.length = 0;
      member.take({ kind: "tick", nowMs: scene.cluster.nowMs + 50 * i });
      said.push(...member.outputs.flatMap(({ sends }) => sends.map((one) => one.message)));
    }
    expect(member.voter!.sheets.get(term - 1)!.ackCert).toBeNull();
    const own = said.flatMap((one) => (one.kind === "propose" ? [one.propose.entry.header] : []));
    expect(own.find((one) => one.term === term + 1)!.opsCount).toBe(5);
  });

  it.each([
    [true, 40],
    [false, 16],
  ])("bounds what a leader includes: with the body below (%s) it has %i operations", (isHere, count) => {
    const scene = new Scene(bodyNamed("below", 20));
    const { entry } = scene.first;
    const leader = scene.voter.electorate.leaderOf(entry.header.term + 1);
    const member = scene.cluster.members[leader]!;
    const known = knownEntry(entry.header);
    known.body = isHere ? bodyOf(entry.ops) : null;
    member.voter!.entries.set(known.hex, known);
    for (const op of bodyNamed("mine", 40)) member.ledger.submit(op, scene.cluster.nowMs);
    const said = [...scene.hears({ kind: "cert", cert: scene.certified(scene.first, member) }, 0, member)];
    for (let i = 0; i < 40; i++) {
      member.outputs.length = 0;
      member.take({ kind: "tick", nowMs: scene.cluster.nowMs + 50 * i });
      said.push(...member.outputs.flatMap(({ sends }) => sends.map((one) => one.message)));
    }
    const own = said.flatMap((one) => (one.kind === "propose" ? [one.propose.entry.header] : []));
    const made = own.find(({ term }) => term === entry.header.term + 1)!;
    expect(made.opsCount).toBe(count);
    // Who may have left an opening out attests no new state, so that no phase counts it.
    expect(made.execHeight > entry.header.execHeight).toBe(isHere);
  });
});
