// Attack: a member's own words are played back to it, old, true, or under a false term, to rob it of its voice.
import { describe, expect, it } from "vitest";
import type { QuorumMessage, SignedMessage } from "../../../src/quorum/index.js";
import { forgeVote, reproposed } from "../harness/byzantine.js";
import { violations } from "../harness/checks.js";
import type { Cluster } from "../harness/cluster.js";
import { testHash, text } from "../harness/keys.js";
import { STEADY_RULES } from "../harness/member.js";
import { forgeStatus, running, tell } from "./parts.js";

const VICTIM = 0;
const LIAR = 1;
const standing = (cluster: Cluster) => cluster.members[VICTIM]!.voter!.standing;

/** Everything that any member ever said, and every certificate that any member holds. */
function everythingSaid(cluster: Cluster): QuorumMessage[] {
  const words = cluster.said.flatMap((said) => [...said.values()]);
  const certs = cluster.members.flatMap(({ voter }) =>
    [...(voter?.sheets.values() ?? [])].flatMap(({ ackCert, skipCert, commitCert }) =>
      [ackCert, skipCert, commitCert].flatMap((cert) => (cert === null ? [] : [cert])),
    ),
  );
  return [...words, ...certs.map((cert): QuorumMessage => ({ kind: "cert", cert }))];
}

describe("a member is not robbed of its memory", () => {
  it("by its own words, of whatever age, played back while it votes, asks, or catches up", () => {
    for (let seed = 1; seed <= 6; seed++) {
      const cluster = running(4, { seed, keepTerms: 4 });
      const replay = (): void => {
        for (const message of everythingSaid(cluster)) tell(cluster, VICTIM, message, LIAR);
        expect(standing(cluster)).not.toBe("amnesia");
      };
      for (const point of ["beforeGuard", "afterGuard", "afterBatch"] as const) {
        cluster.submit(text(`op ${seed} ${point}`));
        cluster.run(10 * seed);
        replay();
        cluster.members[VICTIM]!.crashNext = point;
        cluster.run(3000, () => cluster.members[VICTIM]!.voter === null);
        cluster.run(2500 * (seed % 3));
        cluster.restart(VICTIM);
        replay();
        cluster.run(200);
        replay();
        cluster.run(4000);
        replay();
      }
      expect(standing(cluster)).toBe("voting");
      expect(violations(cluster, [0, 1, 2, 3])).toEqual([]);
    }
  });

  it("by an answer at its start that puts an old message of its own under a false term", () => {
    const cluster = running(4, { rules: STEADY_RULES });
    const own = [...cluster.said[VICTIM]!.values()];
    const vote = own.flatMap((one) => (one.kind === "vote" ? [one.vote] : [])).at(-1)!;
    const propose = own.flatMap((one) => (one.kind === "propose" ? [one.propose] : [])).at(-1)!;
    const { header, leaderSig } = propose.entry;
    const term = cluster.members[VICTIM]!.voter!.term + 4 * 100;
    const other = reproposed(cluster.seats.signers[LIAR]!, propose, { term });
    const lies: SignedMessage[] = [
      { kind: "vote", vote: { ...vote, term } },
      { kind: "vote", vote: { ...forgeVote(cluster, LIAR, "ack", term, testHash("e")), signer: VICTIM } },
      { kind: "vote", vote: forgeVote(cluster, LIAR, "ack", term, testHash("e")) },
      { kind: "proposal", proposal: { header: { ...header, term }, leaderSig } },
      { kind: "proposal", proposal: { header: other.entry.header, leaderSig: other.entry.leaderSig } },
    ];
    for (const highestOfAsker of lies) {
      cluster.restart(VICTIM);
      expect(standing(cluster)).toBe("querying");
      const { nonce } = cluster.members[VICTIM]!.voter!.query!;
      const status = forgeStatus(cluster, LIAR, { nonce, highestOfAsker });
      expect(tell(cluster, VICTIM, { kind: "status", status }, LIAR)).toEqual([]);
      expect(standing(cluster)).not.toBe("amnesia");
    }
  });

  it("but a true message that it has forgotten tells it so, a vote as well as a proposal", () => {
    for (const kind of ["vote", "proposal"] as const) {
      const cluster = running(4, { rules: STEADY_RULES });
      const propose = [...cluster.said[VICTIM]!.values()].flatMap((one) =>
        one.kind === "propose" ? [one.propose] : [],
      );
      const term = propose.at(-1)!.entry.header.term + 4;
      const later = reproposed(cluster.seats.signers[VICTIM]!, propose.at(-1)!, { term }).entry;
      const highestOfAsker: SignedMessage =
        kind === "vote"
          ? { kind, vote: forgeVote(cluster, VICTIM, "ack", term, testHash("e")) }
          : { kind, proposal: { header: later.header, leaderSig: later.leaderSig } };
      cluster.restart(VICTIM);
      const { nonce } = cluster.members[VICTIM]!.voter!.query!;
      const status = forgeStatus(cluster, LIAR, { nonce, highestOfAsker });
      tell(cluster, VICTIM, { kind: "status", status }, LIAR);
      expect(standing(cluster)).toBe("amnesia");
    }
  });

  it("nor is a status taken from another seat's connection, nor one that answers an older question", () => {
    const cluster = running();
    cluster.restart(VICTIM);
    const { nonce } = cluster.members[VICTIM]!.voter!.query!;
    const highestOfAsker = {
      kind: "vote",
      vote: forgeVote(cluster, VICTIM, "ack", 99, testHash("e")),
    } as const;
    const relayed = forgeStatus(cluster, LIAR, { nonce, highestOfAsker });
    tell(cluster, VICTIM, { kind: "status", status: relayed }, 2);
    const old = forgeStatus(cluster, LIAR, { nonce: testHash("old").slice(0, 16), highestOfAsker });
    tell(cluster, VICTIM, { kind: "status", status: old }, LIAR);
    expect(standing(cluster)).toBe("querying");
  });
});

describe("a message that was forgotten", () => {
  it("is known again once it was seen: an operator's word makes no member contradict it, now or after a restart", () => {
    const cluster = running(2);
    const member = cluster.members[VICTIM]!;
    cluster.faults.passes = () => false;
    member.rows.clear();
    member.guard = null;
    cluster.restart(VICTIM);
    const { term } = member.voter!;
    const id = testHash("forgotten");
    tell(cluster, VICTIM, { kind: "vote", vote: forgeVote(cluster, VICTIM, "ack", term, id) }, LIAR);
    expect(standing(cluster)).toBe("amnesia");
    cluster.input(VICTIM, { kind: "overrideAmnesia" });
    expect(String(member.voter!.sheets.get(term)!.own.acked)).toBe(String(id));
    cluster.restart(VICTIM);
    expect(standing(cluster)).toBe("voting");
    expect(String(member.voter!.sheets.get(term)!.own.acked)).toBe(String(id));
  });
});
