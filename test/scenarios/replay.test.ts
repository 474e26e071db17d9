// Scenario 32 of spec/scenarios: what was signed for another chain, market, auction or epoch is worth nothing here.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { marketOf, type Network } from "../../src/ledger/index.js";
import {
  bidCommitment,
  encodeOperation,
  type Operation,
  SLASHES,
  selfProving,
} from "../../src/market/index.js";
import {
  electorate,
  entryIdOf,
  formCertificate,
  type MemberSet,
  type QuorumMessage,
  type Vote,
  type VoteKind,
  verifyEvidence,
  voteDigest,
  voteDomain,
  voteEvidence,
} from "../../src/quorum/index.js";
import { agent, salt, World } from "../market/world.js";
import { ended, opened, operationsIn, Cluster as Peers, placed } from "../peer/cluster.js";
import { running, tell } from "../quorum/attacks/parts.js";
import { violations } from "../quorum/harness/checks.js";
import type { Cluster } from "../quorum/harness/cluster.js";
import { testHash } from "../quorum/harness/keys.js";
import { CHAIN, MARKET } from "../quorum/harness/member.js";

const AGENTS = [["ann"], ["ben"], ["sue"], []] as const;
const LOCKUP = 1000n;

describe("scenario 32: replay from another chain", () => {
  it("scenario 32: a whole market's operations, votes, proposals and certificates change nothing in one of the same keys", () => {
    const there = new Peers({ agents: AGENTS });
    const here = new Peers({ agents: AGENTS, params: { retainMs: 1_234_567 } });
    expect(toHex(here.chain)).not.toBe(toHex(there.chain));
    const auction = opened(there, "sue");
    placed(there, "ann", auction, 500n);
    placed(there, "ben", auction, 400n);
    expect(ended(there, auction).phase).toMatchObject({ kind: "done", clearingPrice: 400n });
    const operations = there.hosts.flatMap(({ sent }) => operationsIn(sent)).map(encodeOperation);
    const words = there.hosts.flatMap(({ index, sent }) =>
      sent.flatMap((one) => ("message" in one ? [{ seat: index, message: one.message }] : [])),
    );
    expect(operations.length).toBeGreaterThan(5);
    expect(words.length).toBeGreaterThan(100);
    here.run(2_000);
    const refused = new Set<string>();
    const seatOf = (at: number): number =>
      here.host(at).live.electorate.seatOf(there.host(at).config(false).signer!.publicKey)!;
    for (const to of here.hosts) {
      const asked: QuorumMessage["kind"][] = ["vote", "propose", "cert", "status", "op"];
      for (const { seat: at, message } of words) {
        if (at === to.index || !asked.includes(message.kind)) continue;
        const { notify } = here.feed(to, { kind: "message", from: `host ${at}`, seat: seatOf(at), message });
        for (const notice of notify)
          if (notice.kind === "refused") refused.add(`${message.kind} ${notice.code}`);
      }
      for (const op of operations) expect(here.handOver(to, op)).toMatch(/WRONG_CHAIN|KNOWN_BAD/);
      expect([to.live.mempool.size, to.live.halted]).toEqual([0, null]);
    }
    for (const kind of ["vote", "propose", "cert"]) expect([...refused].join()).toContain(kind);
    const { height } = here.host(0).live.tip;
    here.run(20_000);
    expect(here.host(0).live.tip.height).toBeGreaterThan(height + 3);
    for (const host of here.hosts) {
      expect(host.log().every(({ ops }) => ops.length === 0)).toBe(true);
      expect(host.live.ledger.table(SLASHES).size).toBe(0);
    }
  });
});

describe("scenario 32: replay of operations and bids inside the ledger", () => {
  it("scenario 32: a signed operation of another chain or market is ignored: no fee, no nonce, the same root", () => {
    const world = new World({ names: ["ann", "sue"] });
    const id = world.create("sue");
    const bodies = [
      { kind: "transfer", to: agent("sue"), amount: 1n } as const,
      world.commit(id, "ann", 5n, LOCKUP),
    ];
    const foreign = bodies.flatMap((body): Operation[] => [
      { ...world.op("ann", body), chain: salt("another chain") },
      { ...world.op("ann", body), market: marketOf("another") },
    ]);
    world.entry();
    const { root } = world;
    const { receipts } = world.entry(foreign);
    const expected = ["WRONG_CHAIN", "WRONG_MARKET"].map((code) => ["ignored", code]);
    expect(receipts.map(({ status, code }) => [status, code])).toEqual([...expected, ...expected]);
    expect(world.root).toEqual(root);
  });

  it("scenario 32: a commitment of another chain, market or auction opens nothing, and an operation twice is one", () => {
    for (const from of ["chain", "market", "auction"] as const) {
      const world = new World({ names: ["ann", "sue"] });
      const { network } = world.ledger;
      const [id, other] = [world.create("sue"), world.create("sue")];
      const elsewhere: Network = {
        chain: from === "chain" ? salt("another chain") : network.chain,
        market: from === "market" ? marketOf("another") : network.market,
      };
      const place = from === "auction" ? other : id;
      const commitment = bidCommitment(
        elsewhere,
        place,
        agent("ann"),
        { amount: 500n, units: null },
        salt("ann"),
      );
      const op = world.op("ann", { ...world.commit(id, "ann", 500n, LOCKUP), commitment });
      expect(world.entry([op, op]).receipts.map(({ code }) => code)).toEqual([null, "NONCE_NOT_NEXT"]);
      world.until(id, "reveal");
      const { body } = world.reveal(id, "ann", 500n);
      const openings = [
        selfProving({ ...network, chain: salt("another chain") }, body),
        selfProving({ ...network, market: marketOf("another") }, body),
        selfProving(network, body),
      ];
      expect(world.entry(openings).receipts.map(({ code }) => code)).toEqual([
        "WRONG_CHAIN",
        "WRONG_MARKET",
        "OPENING_MISMATCH",
      ]);
    }
  });
});

describe("scenario 32: replay of votes", () => {
  const KINDS: readonly VoteKind[] = ["ack", "skip", "commit"];

  /** A vote that a seat truly signed, but for another place; shown as if it were of this one. */
  function foreign(
    cluster: Cluster,
    seat: number,
    kind: VoteKind,
    from: "chain" | "market" | "epoch" | "set",
    term: number,
  ): Vote {
    const set: MemberSet =
      from === "epoch"
        ? { ...cluster.seats.set, epoch: 1 }
        : from === "set"
          ? { epoch: 0, members: cluster.seats.set.members.slice(0, 3) }
          : cluster.seats.set;
    const members = electorate(set, CHAIN);
    const chain = from === "chain" ? testHash("another chain") : CHAIN;
    const market = from === "market" ? testHash("another market") : MARKET;
    const entryId = kind === "skip" ? new Uint8Array(32) : testHash("an entry");
    const sig = cluster.seats.signers[seat]!.sign(
      voteDigest(voteDomain(members, chain, market), kind, term, entryId),
    );
    return { type: kind, epoch: set.epoch, setHash: members.setHash, term, entryId, signer: seat, sig };
  }

  for (const from of ["chain", "market", "epoch", "set"] as const) {
    it(`scenario 32: of another ${from}: refused as votes, as certificates, and as evidence, under its own name and under ours`, () => {
      const cluster = running();
      const here = electorate(cluster.seats.set, CHAIN);
      const { term } = cluster.members[0]!.voter!;
      for (const kind of KINDS) {
        const votes = [1, 2, 3].map((seat) => foreign(cluster, seat, kind, from, term));
        const disguised = votes.map((vote) => ({ ...vote, epoch: 0, setHash: here.setHash }));
        for (const some of [votes, disguised]) {
          for (const vote of some) {
            expect(tell(cluster, 0, { kind: "vote", vote }, vote.signer)).toMatchObject([
              expect.stringMatching(/^(BAD_SIGNATURE|EPOCH_AHEAD|WRONG_SET)$/),
            ]);
          }
          expect(tell(cluster, 0, { kind: "cert", cert: formCertificate(some) }, 1)).toMatchObject([
            expect.stringMatching(/^(BAD_CERTIFICATE|EPOCH_AHEAD|WRONG_SET)$/),
          ]);
        }
        const honest = { ...disguised[0]!, entryId: testHash("another entry") };
        const pair = kind === "skip" ? null : voteEvidence(disguised[0]!, honest);
        if (pair !== null) {
          expect(verifyEvidence(pair, here, CHAIN, MARKET, cluster.seats.verifier).ok).toBe(false);
        }
      }
      const sheet = cluster.members[0]!.voter!.sheets.get(term);
      expect([sheet?.ackCert ?? null, sheet?.skipCert ?? null, sheet?.commitCert ?? null]).toEqual([
        null,
        null,
        null,
      ]);
      const before = cluster.members[0]!.log.length;
      cluster.run(15_000);
      expect(cluster.members[0]!.log.length).toBeGreaterThan(before + 3);
      expect(cluster.members[0]!.evidence).toEqual([]);
      expect(violations(cluster, [0, 1, 2, 3])).toEqual([]);
    });
  }

  it("scenario 32: of an old term: an entry's own votes, played back later, certify nothing again", () => {
    const cluster = running();
    const said = cluster.said.flatMap((one) => [...one.values()]);
    const ids = (): string[] => cluster.members[0]!.log.map(({ header }) => toHex(entryIdOf(header)));
    const before = ids();
    for (const message of said) tell(cluster, 0, message, 1);
    expect(ids()).toEqual(before);
    cluster.run(3_000);
    expect(violations(cluster, [0, 1, 2, 3])).toEqual([]);
  });
});
