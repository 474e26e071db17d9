// Admission of the quorum's messages: no signature is judged inside a step, each sender keeps its order, none delays another.
import { createHash } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { questionsInBodies } from "../../node/admission/in-bodies.js";
import { InOrder } from "../../node/admission/in-order.js";
import { MemberAdmission, type Told } from "../../node/admission/member-admission.js";
import { agentKey } from "../../node/crypto/signer.js";
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { Driver } from "../../node/driver.js";
import { type Bytes, concatBytes, fromHex, toHex } from "../../src/base/index.js";
import { leafHash, merkleRoot, RECOVERY_BYTES } from "../../src/crypto/index.js";
import { compareBytes } from "../../src/index.js";
import { type Genesis, LOCAL_TESTNET_PARAMS } from "../../src/ledger/index.js";
import { encodeOperation } from "../../src/market/index.js";
import { electorateOf, openPeer, step } from "../../src/peer/index.js";
import {
  entryIdOf,
  formCertificate,
  HONEST_RULES,
  NO_GAP_HASH,
  type Propose,
  proposeDigest,
  type QuorumMessage,
  type Status,
  statusDigest,
  type Vote,
  voteDigest,
} from "../../src/quorum/index.js";
import { silent } from "./driver-parts.js";
import { headerOf, until } from "./net-fixture.js";

const SEATS = 4;
const START_MS = 1_000_000;
/** A term beyond the window of a member that has just begun. */
const FAR = 200;
const seed = (name: string): Bytes => new Uint8Array(createHash("sha256").update(name).digest());
const keys = Array.from({ length: SEATS }, (_, i) => agentKey(seed(`admitted seat ${i}`))).sort((a, b) =>
  compareBytes(a.publicKey, b.publicKey),
);

/** Counts what is judged inside a step without having been asked before. */
class WatchedVerifier extends SignatureVerifier {
  unforeseen = 0;
  override verify(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
    if (this.recalled(publicKey, message, signature) === undefined) this.unforeseen++;
    return super.verify(publicKey, message, signature);
  }
}
const verifier = new WatchedVerifier();
afterAll(() => verifier.close());

/** The peer of seat 0 of four, and admission before it; `codes` are what its steps refused. */
function member() {
  const owners = keys.map(({ publicKey }, i) => ({
    key: publicKey,
    agent: agentKey(seed(`owner ${i}`)).publicKey,
    bond: 10n ** 9n,
  }));
  const genesisNamed = (name: string): Genesis => ({
    v: 1,
    name,
    timeMs: START_MS,
    params: LOCAL_TESTNET_PARAMS,
    seats: owners,
    accounts: [],
    granters: [],
  });
  // The order of leaders follows from the chain's name; what this member is told of must not be its own proposal.
  const genesis = Array.from({ length: 64 }, (_, i) => genesisNamed(`admission ${i}`)).find((one) =>
    [1, FAR].every((term) => electorateOf(one).leaderOf(term) !== 0),
  )!;
  const opened = openPeer(
    {
      genesis,
      signer: keys[0]!,
      agents: [],
      verifier,
      instance: new Uint8Array(16),
      fresh: true,
      rules: HONEST_RULES,
      keepTerms: 256,
    },
    [],
    null,
  );
  if (!opened.ok) throw new Error(opened.error.code);
  const peer = opened.value;
  const codes: string[] = [];
  const kinds: string[] = [];
  step(peer, { kind: "start", nowMs: START_MS });
  const admission = new MemberAdmission(
    () => peer.voter,
    verifier,
    () => START_MS,
    (message) => questionsInBodies(peer, message),
    ({ from, seat, message }) => {
      kinds.push(message.kind);
      const ready = step(peer, { kind: "message", from, seat, message, nowMs: START_MS + 10 });
      for (const notice of ready.notify) if (notice.kind === "refused") codes.push(notice.code);
    },
  );
  return {
    peer,
    codes,
    kinds,
    admission,
    told: (message: QuorumMessage, seat = 1): Told => ({ from: `peer ${seat}`, seat, message }),
  };
}
type Member = ReturnType<typeof member>;

const forged = (n: number): Bytes =>
  new Uint8Array(createHash("sha512").update(`forged ${n}`).digest()).fill(0, 63);

function vote({ peer }: Member, signer: number, change: Partial<Vote> = {}): Vote {
  const { domain, electorate } = peer.voter;
  const plain = { type: "ack" as const, term: 1, entryId: new Uint8Array(32).fill(5), ...change };
  const sig = keys[signer]!.sign(voteDigest(domain, plain.type, plain.term, plain.entryId));
  return { epoch: 0, setHash: electorate.setHash, signer, sig, ...plain };
}

/**
 * Commits of nobody's account, under a key of order 8 and with the identity in a second encoding as R: ZIP-215 accepts
 * that for any message, and OpenSSL for none.
 */
const slowOperations = ({ peer }: Member, count: number, first = 0): Bytes[] =>
  Array.from({ length: count }, (_, i) =>
    encodeOperation({
      v: 1,
      ...peer.ledger.network,
      authority: {
        from: fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")!,
        nonce: first + i,
        fee: LOCAL_TESTNET_PARAMS.minFee,
        validUntilMs: START_MS + 60_000,
      },
      body: {
        kind: "commit",
        auction: new Uint8Array(32),
        commitment: new Uint8Array(32),
        lockup: 1n,
        recovery: new Uint8Array(RECOVERY_BYTES),
      },
      sig: concatBytes(fromHex(`ee${"ff".repeat(30)}7f`)!, new Uint8Array(32)),
    }),
  );

function proposalOf(one: Member, ops: readonly Bytes[], term = 1): Propose {
  const { entry, ...rest } = proposal(one, term);
  const opsBytes = ops.reduce((sum, { length }) => sum + length, 0);
  const opsRoot = merkleRoot(ops.map(leafHash));
  const { chain } = one.peer.voter.config;
  const justifyHash = NO_GAP_HASH;
  const timeMs = START_MS + 5;
  const header = {
    ...entry.header,
    parent: chain,
    justifyHash,
    timeMs,
    opsRoot,
    opsCount: ops.length,
    opsBytes,
  };
  const leaderSig = keys[header.leader]!.sign(proposeDigest(entryIdOf(header)));
  return { entry: { header, ops, leaderSig }, ...rest };
}

function proposal({ peer }: Member, term: number, leaderSig?: Bytes): Propose {
  const { electorate, config } = peer.voter;
  const leader = electorate.leaderOf(term);
  const { chain, market } = config;
  const header = { ...headerOf(1), chain, market, setHash: electorate.setHash, term, leader };
  const sig = leaderSig ?? keys[leader]!.sign(proposeDigest(entryIdOf(header)));
  return { entry: { header, ops: [], leaderSig: sig }, parentHeader: null, parentCert: null };
}

function statusOf({ peer }: Member, signer: number, sig?: Bytes): Status {
  const { chain, market } = peer.voter.config;
  const { setHash } = peer.voter.electorate;
  const plain: Status = {
    epoch: 0,
    setHash,
    term: 1,
    entered: null,
    finalHeight: 0,
    finalId: chain,
    maxTermSeen: 0,
    clockMs: START_MS,
    highestOfAsker: null,
    nonce: new Uint8Array(16),
    signer,
    sig: new Uint8Array(64),
  };
  return { ...plain, sig: sig ?? keys[signer]!.sign(statusDigest(chain, market, plain)) };
}

describe("what a step asks about is known before it runs", () => {
  const cases: Readonly<Record<string, (one: Member) => QuorumMessage>> = {
    "a vote": (one) => ({ kind: "vote", vote: vote(one, 1) }),
    "a forged vote": (one) => ({ kind: "vote", vote: { ...vote(one, 1), sig: forged(1) } }),
    "a vote at the far end of the window": (one) => ({ kind: "vote", vote: vote(one, 1, { term: 64 }) }),
    "a certificate": (one) => ({ kind: "cert", cert: formCertificate([1, 2, 3].map((i) => vote(one, i))) }),
    "a certificate whose last signature is forged": (one) => {
      const cert = formCertificate([1, 2, 3].map((i) => vote(one, i, { term: 2 })));
      return { kind: "cert", cert: { ...cert, sigs: [...cert.sigs.slice(0, 2), forged(2)] } };
    },
    "a proposal": (one) => ({ kind: "propose", propose: proposal(one, 1) }),
    "a forged proposal": (one) => ({ kind: "propose", propose: proposal(one, 1, forged(6)) }),
    "a proposal of operations that only noble accepts": (one) => ({
      kind: "propose",
      propose: proposalOf(one, slowOperations(one, 20)),
    }),
    "a status": (one) => ({ kind: "status", status: statusOf(one, 1) }),
    "a forged status": (one) => ({ kind: "status", status: statusOf(one, 1, forged(7)) }),
  };
  test.each(Object.keys(cases))("%s", async (name) => {
    const one = member();
    const message = cases[name]!(one);
    const before = verifier.unforeseen;
    void one.admission.take(one.told(message));
    await until("it is handed on", () => one.kinds.length === 1);
    expect(verifier.unforeseen).toBe(before);
    if (name.includes("noble")) expect([...one.peer.voter.entries.values()][0]?.opsValid).toBe(true);
    if (name.includes("forged vote")) expect(one.codes).toEqual(["BAD_SIGNATURE"]);
    if (name.includes("signature is forged")) expect(one.codes).toEqual(["BAD_CERTIFICATE"]);
  });

  test("an entry that was asked for, of operations that only noble accepts, whoever signed it", async () => {
    for (const [first, leaderSig] of [[100, null] as const, [200, forged(20)] as const]) {
      const one = member();
      const { entry } = proposalOf(one, slowOperations(one, 20, first));
      const id = toHex(entryIdOf(entry.header));
      const answer = { kind: "entry" as const, entry: { ...entry, leaderSig: leaderSig ?? entry.leaderSig } };
      const before = verifier.unforeseen;
      const judged = counted.all();
      void one.admission.take(one.told(answer));
      await until("it is handed on", () => one.kinds.length === 1);
      expect([one.codes, counted.all()]).toEqual([["UNASKED"], judged]);
      one.peer.voter.asks.set(`entry/${id}`, { atMs: START_MS, times: 1 });
      void one.admission.take(one.told(answer));
      await until("it is handed on again", () => one.kinds.length === 2);
      expect(one.peer.voter.entries.get(id)?.opsValid).toBe(true);
      expect(verifier.unforeseen).toBe(before);
    }
  });

  test("a proposal whose body comes later, of such operations before one that is known to be bad", async () => {
    const one = member();
    const [last] = slowOperations(one, 1, 300);
    const bad = last!.slice();
    bad[bad.length - 1]! ^= 1; // in its signature
    const before = verifier.unforeseen;
    const tell = async (propose: Propose) => {
      const handedOn = one.kinds.length;
      void one.admission.take(one.told({ kind: "propose", propose }));
      await until("it is handed on", () => one.kinds.length > handedOn);
    };
    await tell(proposalOf(one, [bad]));
    const propose = proposalOf(one, [...slowOperations(one, 20, 400), bad]);
    await tell({ ...propose, entry: { ...propose.entry, ops: [] } });
    await tell(propose);
    expect([verifier.unforeseen, one.codes]).toEqual([before, ["BAD_BODY"]]);
    expect([...one.peer.voter.entries.values()].map(({ opsValid }) => opsValid)).toEqual([false, false]);
  });

  test("a proposal of such operations, beside a certificate of its parent that is forged, or was refused before", async () => {
    const one = member();
    const before = verifier.unforeseen;
    const parentCert = {
      ...formCertificate([1, 2, 3].map((i) => vote(one, i))),
      sigs: [21, 22, 23].map(forged),
    };
    for (const first of [500, 600]) {
      const propose = { ...proposalOf(one, slowOperations(one, 20, first)), parentCert };
      const handedOn = one.kinds.length;
      void one.admission.take(one.told({ kind: "propose", propose }));
      await until("it is handed on", () => one.kinds.length > handedOn);
    }
    expect([...one.peer.voter.entries.values()].map(({ opsValid }) => opsValid)).toEqual([true, true]);
    expect([verifier.unforeseen, one.codes]).toEqual([before, ["BAD_CERTIFICATE", "BAD_CERTIFICATE"]]);
  });

  const skips = (one: Member) =>
    [1, 2, 3].map((term) =>
      formCertificate(
        [1, 2, 3].map((i) => vote(one, i, { type: "skip", term, entryId: new Uint8Array(32) })),
      ),
    );
  const counted = {
    slow: () => verifier.counters.slow,
    all: () => verifier.counters.slow + verifier.counters.native,
  };

  test("certificates that were asked for, up to the first that is forged", async () => {
    const one = member();
    one.peer.voter.asks.set("certs/3", { atMs: START_MS, times: 1 });
    const [first, second, third] = skips(one);
    const certs = [first!, { ...second!, sigs: [forged(3), forged(4), forged(5)] }, third!];
    const [unforeseen, slow] = [verifier.unforeseen, counted.slow()];
    void one.admission.take(one.told({ kind: "certs", certs }));
    await until("they are handed on", () => one.kinds.length === 1);
    expect([verifier.unforeseen, counted.slow()]).toEqual([unforeseen, slow + 3]);
    expect(one.codes).toEqual(["BAD_CERTIFICATE"]);
    expect(one.peer.voter.sheets.get(1)?.skipCert).not.toBe(null);
    expect(one.peer.voter.sheets.get(3)?.skipCert ?? null).toBe(null);
  });

  /** Nobody is blamed for these, so they must not buy any work. */
  const idle: Readonly<Record<string, (one: Member) => QuorumMessage>> = {
    "certificates that nobody asked for": (one) => ({ kind: "certs", certs: skips(one) }),
    "a justification of no candidate": (one) => ({
      kind: "justify",
      justifyHash: new Uint8Array(32),
      from: 0,
      total: 3,
      certs: skips(one),
    }),
    "a vote beyond the window": (one) => ({
      kind: "vote",
      vote: { ...vote(one, 1, { term: 65 }), sig: forged(8) },
    }),
    "another member's status": (one) => ({ kind: "status", status: statusOf(one, 2, forged(9)) }),
    "a log that nobody asked for": (one) => ({
      kind: "log",
      entries: [],
      descendants: [],
      cert: skips(one)[0]!,
    }),
  };
  test.each(Object.keys(idle))("no work is done for %s", async (name) => {
    const one = member();
    const message = idle[name]!(one);
    const before = counted.all();
    expect(one.admission.take(one.told(message))).toBeUndefined();
    expect(one.kinds.length).toBe(1);
    expect(counted.all()).toBe(before);
  });

  test("nor for a second certificate of what is certified, nor for a third opinion", async () => {
    const one = member();
    const cert = formCertificate([1, 2, 3].map((i) => vote(one, i)));
    void one.admission.take(one.told({ kind: "cert", cert }));
    for (let fill = 1; fill <= 2; fill++) {
      const entryId = new Uint8Array(32).fill(fill);
      void one.admission.take(one.told({ kind: "vote", vote: vote(one, 1, { term: 2, entryId }) }));
    }
    await until("all is handed on", () => one.kinds.length === 3);
    const before = counted.all();
    const third = vote(one, 1, { term: 2, entryId: new Uint8Array(32).fill(3) });
    void one.admission.take(
      one.told({ kind: "cert", cert: { ...cert, sigs: [forged(10), forged(11), forged(12)] } }),
    );
    void one.admission.take(one.told({ kind: "vote", vote: third }));
    expect([one.kinds.length, counted.all()]).toEqual([5, before]);
  });

  describe("though it becomes news only when it waits to be stepped", () => {
    /** What moves the window of terms to a term that is far ahead; its signatures are known already. */
    function farCertificate(one: Member): QuorumMessage {
      const term = FAR - 1;
      const votes = [1, 2, 3].map((i) => vote(one, i, { type: "skip", term, entryId: new Uint8Array(32) }));
      for (const { signer, sig, ...of } of votes)
        verifier.verify(
          keys[signer]!.publicKey,
          voteDigest(one.peer.voter.domain, of.type, of.term, of.entryId),
          sig,
        );
      return { kind: "cert", cert: formCertificate(votes) };
    }

    /** A member whose messages wait in a driver between admission and step; `stepped` are those that came so far. */
    function driven() {
      const one = member();
      const stepped: string[] = [];
      const unforeseen: number[] = [];
      let handedOn = 0;
      const driver = new Driver({
        machine: {
          step(event) {
            const before = verifier.unforeseen;
            const answer = step(one.peer, event);
            unforeseen.push(verifier.unforeseen - before);
            if (event.kind === "message") stepped.push(event.message.kind);
            for (const notice of answer.notify) if (notice.kind === "refused") one.codes.push(notice.code);
            return answer;
          },
        },
        store: { write: async () => undefined },
        transport: { send: () => undefined },
        nowMs: () => START_MS + 10,
        log: silent,
      });
      const admission = new MemberAdmission(
        () => one.peer.voter,
        verifier,
        () => START_MS + 10,
        (message) => questionsInBodies(one.peer, message),
        ({ from, seat, message }, look) => {
          handedOn++;
          driver.offer({ kind: "message", from, seat, message }, 1, undefined, look);
        },
      );
      const tell = (message: QuorumMessage, seat: number) =>
        void admission.take({ from: `peer ${seat}`, seat, message });
      return { ...one, tell, stepped, unforeseen, handedOn: () => handedOn, driver };
    }

    const opsValid = ({ peer }: Member) => [...peer.voter.entries.values()].map((one) => one.opsValid);

    test.each([
      ["that only noble accepts", false],
      ["of which the last is forged", true],
    ] as const)(
      "a proposal beyond the window, with operations %s, behind a certificate that moves it",
      async (_, isForged) => {
        const one = driven();
        const ops = slowOperations(one, 20, isForged ? 4000 : 3000);
        if (isForged) ops.at(-1)![ops.at(-1)!.length - 1]! ^= 1;
        const propose = proposalOf(one, ops, FAR);
        one.tell(farCertificate(one), 2);
        one.tell({ kind: "propose", propose }, propose.entry.header.leader);
        expect(one.handedOn()).toBe(2); // nothing had to be asked, so nothing waits
        await until("the proposal is stepped", () => one.stepped.includes("propose"));
        expect(one.unforeseen.every((count) => count === 0)).toBe(true);
        expect([one.stepped, one.handedOn(), one.codes]).toEqual([["cert", "propose"], 3, []]);
        expect(opsValid(one)).toEqual([!isForged]);
        await one.driver.close();
      },
    );

    test("an entry of such operations, asked for by the step before it", async () => {
      const one = driven();
      const { entry } = proposalOf(one, slowOperations(one, 20, 5000));
      one.tell({ kind: "entry", entry }, 1);
      one.peer.voter.asks.set(`entry/${toHex(entryIdOf(entry.header))}`, { atMs: START_MS, times: 1 });
      await until("it is stepped", () => one.stepped.length === 1);
      expect(one.unforeseen).toEqual([0]);
      expect([one.handedOn(), opsValid(one)]).toEqual([2, [true]]);
      await one.driver.close();
    });

    test("and what is still no news is stepped, and refused with its own code, without any work", async () => {
      const one = driven();
      const before = counted.all();
      const propose = proposalOf(one, slowOperations(one, 20, 6000), FAR);
      one.tell({ kind: "propose", propose }, propose.entry.header.leader);
      one.tell({ kind: "entry", entry: propose.entry }, 1);
      await until("both are stepped", () => one.stepped.length === 2);
      expect([one.codes, one.handedOn(), counted.all()]).toEqual([["TERM_AHEAD", "UNASKED"], 2, before]);
      await one.driver.close();
    });
  });

  test("the watch itself sees a signature that nobody asked about before", () => {
    const { peer } = member();
    const before = verifier.unforeseen;
    const one = vote({ peer } as Member, 2, { term: 7 });
    step(peer, {
      kind: "message",
      from: "peer 2",
      seat: 2,
      message: { kind: "vote", vote: one },
      nowMs: START_MS,
    });
    expect(verifier.unforeseen).toBe(before + 1);
  });
});

describe("order and fairness", () => {
  test("a member's votes stay in order, and another's are heard while forgeries wait for the slow lane", async () => {
    const one = member();
    for (let i = 0; i < 40; i++) {
      const message = {
        kind: "vote",
        vote: { ...vote(one, 1, { term: 1 + i }), sig: forged(100 + i) },
      } as const;
      void one.admission.take(one.told(message, 1));
    }
    void one.admission.take(one.told({ kind: "getStatus", nonce: new Uint8Array(16) }, 1));
    void one.admission.take(one.told({ kind: "vote", vote: vote(one, 2) }, 2));
    await until("the honest vote is handed on", () => one.peer.voter.sheets.get(1)?.tallies.length === 1);
    expect(one.codes.length).toBeLessThan(20);
    expect(one.kinds).not.toContain("getStatus");
    await until("all is handed on", () => one.kinds.length === 42);
    expect(one.kinds.at(-1)).toBe("getStatus");
    expect(one.codes.filter((code) => code === "BAD_SIGNATURE").length).toBe(40);
  });

  test("a proposal of more slow operations than lie in others' line is judged, and another seat's few before it", async () => {
    const one = member();
    const [leader, other] = [one.peer.voter.electorate.leaderOf(1), one.peer.voter.electorate.leaderOf(2)];
    const propose = proposalOf(one, slowOperations(one, 280, 1000));
    void one.admission.take(one.told({ kind: "propose", propose }, leader));
    const entry = proposalOf(one, slowOperations(one, 20, 2000)).entry;
    one.peer.voter.asks.set(`entry/${toHex(entryIdOf(entry.header))}`, { atMs: START_MS, times: 1 });
    void one.admission.take(one.told({ kind: "entry", entry }, other));
    const before = verifier.unforeseen;
    await until("both are handed on", () => one.kinds.length === 2);
    expect([one.kinds, one.codes, verifier.unforeseen]).toEqual([["entry", "propose"], [], before]);
    expect([...one.peer.voter.entries.values()].map(({ opsValid }) => opsValid)).toEqual([true, true]);
  });

  test("a message without a verdict is dropped, and no other", async () => {
    const one = member();
    const admission = new MemberAdmission(
      () => one.peer.voter,
      { recalled: () => undefined, verifyAsync: async () => "overloaded" },
      () => START_MS,
      () => [],
      ({ message }) => void one.kinds.push(message.kind),
    );
    void admission.take(one.told({ kind: "vote", vote: vote(one, 1) }));
    void admission.take(one.told({ kind: "getStatus", nonce: new Uint8Array(16) }));
    await until("what follows is handed on", () => one.kinds.length > 0);
    expect(one.kinds).toEqual(["getStatus"]);
  });

  test("a sender with much waiting is asked to wait, until there is room", async () => {
    const open: (() => void)[] = [];
    const out: number[] = [];
    const order = new InOrder<number>({
      prepare: () => new Promise<boolean>((resolve) => open.push(() => resolve(true))),
      handOn: (item) => void out.push(item),
    });
    const asked = Array.from({ length: 64 }, (_, i) => order.take("a", i, 1));
    expect(asked.filter((one) => one !== undefined).length).toBe(1);
    expect(open.length).toBe(4); // so many at once, and no more
    expect(order.take("b", 1000, 5 * 1024 * 1024)).toBeInstanceOf(Promise);
    for (let done = 0; done < 65; done++) {
      await until("the next is under way", () => open.length > 0);
      open.shift()!();
    }
    await until("all are out", () => out.length === 65);
    await asked.at(-1);
    expect(out.filter((item) => item < 1000)).toEqual(Array.from({ length: 64 }, (_, i) => i));
    expect(order.size).toBe(0);
  });

  test("what hands on may hold a sender back, and holds back no other", async () => {
    let release: () => void = () => undefined;
    const out: string[] = [];
    const order = new InOrder<string>({
      prepare: () => true,
      handOn: (item) => {
        out.push(item);
        if (item === "slow") return new Promise<void>((resolve) => (release = resolve));
      },
    });
    void order.take("a", "slow", 1);
    void order.take("a", "after", 1);
    void order.take("b", "other", 1);
    expect(out).toEqual(["slow", "other"]);
    release();
    await until("the next is out", () => out.length === 3);
    expect(order.size).toBe(0);
  });
});
