// Hostile input: nothing a peer sends moves a member by more than its rules allow, or makes it remember without bound.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ZERO_HASH } from "../../src/base/index.js";
import {
  decodeMessage,
  electorate,
  encodeMessage,
  entryIdOf,
  formCertificate,
  type QuorumMessage,
  type RefusalCode,
} from "../../src/quorum/index.js";
import { forgeVote, reproposed } from "./harness/byzantine.js";
import { Cluster } from "./harness/cluster.js";
import { testHash, testSigner, text } from "./harness/keys.js";
import { CHAIN, type Member } from "./harness/member.js";

const FAR = 2 ** 50;

function running(): Cluster {
  const cluster = new Cluster(4);
  cluster.start();
  cluster.run(3000);
  return cluster;
}

/** Gives one message to a member; what it refused. */
function tell(
  cluster: Cluster,
  member: Member,
  message: QuorumMessage,
  from: number | null = 1,
): RefusalCode[] {
  member.outputs.length = 0;
  const peer = from === null ? "stranger" : String(from);
  const nowMs = cluster.nowMs;
  member.take({ kind: "message", nowMs, from, peer, message });
  return member.outputs.flatMap((output) => output.refused.map((one) => one.code));
}

function lastProposal(cluster: Cluster): Extract<QuorumMessage, { kind: "propose" }>["propose"] {
  const all = cluster.said.flatMap((said) => [...said.values()]);
  const proposals = all.flatMap((one) => (one.kind === "propose" ? [one.propose] : []));
  return proposals.sort((a, b) => a.entry.header.term - b.entry.header.term).at(-1)!;
}

describe("the window W", () => {
  it("votes and proposals for term 2^50 cost no memory and move no term", () => {
    const cluster = running();
    const member = cluster.members[0]!;
    const voter = member.voter!;
    const sheets = voter.sheets.size;
    const { term } = voter;
    for (let i = 0; i < 500; i++) {
      for (const kind of ["ack", "skip", "commit"] as const) {
        const id = kind === "skip" ? ZERO_HASH : testHash(`x${i}`);
        const vote = forgeVote(cluster, 1, kind, FAR + i, id);
        expect(tell(cluster, member, { kind: "vote", vote })).toEqual(["TERM_AHEAD"]);
      }
    }
    expect(voter.sheets.size).toBe(sheets);
    expect(voter.term).toBe(term);
  });

  it("one signer's different votes in one term are kept twice at most, and convict it once", () => {
    const cluster = running();
    const member = cluster.members[0]!;
    const voter = member.voter!;
    for (let i = 0; i < 200; i++) {
      const vote = forgeVote(cluster, 1, "ack", voter.term + 1, testHash(`y${i}`));
      tell(cluster, member, { kind: "vote", vote });
    }
    const sheet = voter.sheets.get(voter.term + 1)!;
    expect(sheet.tallies.length).toBe(2);
    expect(member.evidence.length).toBe(1);
  });

  it("does not bound certificates: a valid one is taken at any term, and moves the term there", () => {
    const cluster = running();
    const member = cluster.members[0]!;
    const term = member.voter!.term + 1000;
    const cert = formCertificate([0, 1, 2].map((seat) => forgeVote(cluster, seat, "skip", term)));
    // Seat 0 never signed that, as far as it knows: it is right to stop signing at once.
    expect(tell(cluster, member, { kind: "cert", cert })).toEqual([]);
    expect(member.voter!.term).toBe(term + 1);
    expect(member.voter!.standing).toBe("amnesia");
  });
});

describe("a message is refused", () => {
  const cluster = running();
  const member = cluster.members[0]!;
  const { term } = member.voter!;
  const good = forgeVote(cluster, 1, "ack", term, testHash("e"));

  it("when a vote is of another epoch or set, by no seat, or badly signed", () => {
    expect(tell(cluster, member, { kind: "vote", vote: { ...good, epoch: 1 } })).toEqual(["EPOCH_AHEAD"]);
    const setHash = testHash("other set");
    expect(tell(cluster, member, { kind: "vote", vote: { ...good, setHash } })).toEqual(["WRONG_SET"]);
    expect(tell(cluster, member, { kind: "vote", vote: { ...good, signer: 4 } })).toEqual(["NOT_A_SEAT"]);
    expect(tell(cluster, member, { kind: "vote", vote: { ...good, signer: 2 } })).toEqual(["BAD_SIGNATURE"]);
  });

  it("when a certificate is not one, and the second time without checking a signature", () => {
    const votes = [1, 2, 3].map((seat) => forgeVote(cluster, seat, "ack", term + 1, testHash("e")));
    const cert = { ...formCertificate(votes), entryId: testHash("f") };
    expect(tell(cluster, member, { kind: "cert", cert })).toEqual(["BAD_CERTIFICATE"]);
    const { calls } = cluster.seats.verifier;
    expect(tell(cluster, member, { kind: "cert", cert })).toEqual(["BAD_CERTIFICATE"]);
    expect(cluster.seats.verifier.calls).toBe(calls);
  });

  it("when a proposal is of another chain, epoch or leader, or not signed by its leader", () => {
    const propose = lastProposal(cluster);
    const { header } = propose.entry;
    const signer = cluster.seats.signers[header.leader]!;
    const say = (one: typeof propose): RefusalCode[] =>
      tell(cluster, member, { kind: "propose", propose: one });
    expect(say(reproposed(signer, propose, { chain: testHash("x") }))).toEqual(["WRONG_CHAIN"]);
    expect(say(reproposed(signer, propose, { market: testHash("x") }))).toEqual(["WRONG_CHAIN"]);
    expect(say(reproposed(signer, propose, { epoch: 1 }))).toEqual(["EPOCH_AHEAD"]);
    expect(say(reproposed(signer, propose, { leader: (header.leader + 1) % 4 }))).toEqual(["WRONG_LEADER"]);
    expect(say(reproposed(testSigner("nobody"), propose, {}))).toEqual(["BAD_SIGNATURE"]);
    expect(say(reproposed(signer, propose, { term: header.term + 400 }))).toEqual(["TERM_AHEAD"]);
  });

  it("when an answer was not asked for", () => {
    const { entry } = lastProposal(cluster);
    const ahead = { ...entry, header: { ...entry.header, term: term + 5 } };
    expect(tell(cluster, member, { kind: "entry", entry: ahead })).toEqual(["UNASKED"]);
    const log: QuorumMessage = { kind: "log", entries: [], descendants: [], cert: null };
    expect(tell(cluster, member, log)).toEqual(["UNASKED"]);
  });
});

describe("R3: a proposal is not acknowledged", () => {
  /** What the leader of the next term could propose: bent, signed by it, and given to another member. */
  function acknowledges(change: Parameters<typeof reproposed>[2], ops: readonly Uint8Array[] = []): boolean {
    const cluster = running();
    const voter = cluster.members[0]!.voter!;
    const leader = voter.electorate.leaderOf(voter.term);
    const before = lastProposal(cluster);
    const parent = before.entry.header;
    expect(parent.term).toBe(voter.term - 1);
    const header = {
      ...parent,
      term: voter.term,
      leader,
      height: parent.height + 1,
      parent: entryIdOf(parent),
      parentTerm: parent.term,
      timeMs: cluster.nowMs,
      ...change,
    };
    const parentCert = voter.sheets.get(parent.term)!.ackCert;
    const bent = reproposed(
      cluster.seats.signers[leader]!,
      { entry: { header, ops, leaderSig: new Uint8Array(64) }, parentHeader: parent, parentCert },
      {},
    );
    const member = cluster.members[(leader + 1) % 4]!;
    tell(cluster, member, { kind: "propose", propose: bent }, leader);
    return member.outputs.some(({ sends }) =>
      sends.some(({ message }) => message.kind === "vote" && message.vote.type === "ack"),
    );
  }

  it("unless all is right", () => expect(acknowledges({})).toBe(true));

  it("with a wrong height, an early or a late time, or a root that is not ours", () => {
    expect(acknowledges({ height: 2 })).toBe(false);
    expect(acknowledges({ timeMs: 5 })).toBe(false);
    expect(acknowledges({ timeMs: FAR })).toBe(false);
    expect(acknowledges({ execRoot: testHash("wrong") })).toBe(false);
    expect(acknowledges({ execHeight: 0 })).toBe(false);
    expect(acknowledges({ kind: "seal" })).toBe(false);
    expect(acknowledges({ justifyHash: testHash("x") })).toBe(false);
  });

  it("on an uncertified parent, or with a body that is not the header's", () => {
    expect(acknowledges({ parent: testHash("nowhere") })).toBe(false);
    expect(acknowledges({ parentTerm: 1 })).toBe(false);
    expect(acknowledges({}, [text("smuggled")])).toBe(false);
    expect(acknowledges({ opsCount: 1 })).toBe(false);
  });
});

describe("frames", () => {
  it("of random bytes are refused without an exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const decoded = decodeMessage(bytes);
        if (decoded.ok) expect(encodeMessage(decoded.value)).toEqual(bytes);
      }),
    );
  });

  it("survive the wire, and a changed byte never passes for the same message", () => {
    const cluster = running();
    const propose = lastProposal(cluster);
    const vote = forgeVote(cluster, 1, "ack", 3, testHash("e"));
    const cert = formCertificate([0, 1, 2].map((seat) => forgeVote(cluster, seat, "skip", 9)));
    const setHash = electorate(cluster.seats.set, CHAIN).setHash;
    expect(vote.setHash).toEqual(setHash);
    const messages: QuorumMessage[] = [
      { kind: "propose", propose },
      { kind: "vote", vote },
      { kind: "cert", cert },
      { kind: "certs", certs: [cert, cert] },
      { kind: "getLog", fromHeight: 1, max: 64 },
      { kind: "log", entries: cluster.members[0]!.log.slice(0, 2), descendants: [], cert },
    ];
    for (const message of messages) {
      const bytes = encodeMessage(message);
      expect(decodeMessage(bytes)).toEqual({ ok: true, value: message });
      const changed = bytes.slice();
      changed[bytes.length >> 1]! ^= 1;
      const decoded = decodeMessage(changed);
      if (decoded.ok) expect(decoded.value).not.toEqual(message);
    }
  });

  it("above 2 MiB are refused before they are read", () => {
    const decoded = decodeMessage(new Uint8Array(2 * 1024 * 1024 + 1));
    expect(decoded).toMatchObject({ ok: false, error: { code: "OVERSIZE", offset: 0 } });
  });
});
