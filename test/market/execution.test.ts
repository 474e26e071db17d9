import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/base/index.js";
import { ACCOUNTS, genesisMint, keyText, marketOf, TOTALS } from "../../src/ledger/index.js";
import {
  auctionOf,
  check,
  convictedSeats,
  type EvidenceType,
  type Operation,
  type OperationBody,
  operationId,
  SLASHES,
  selfProving,
} from "../../src/market/index.js";
import {
  agent,
  BOND,
  convictions,
  DEPOSIT,
  FEE,
  FUNDS,
  judgeEvidence,
  offer,
  salt,
  slashesIn,
  unseen,
  World,
} from "./world.js";

const NAMES = ["ann", "bob", "sue"];
const world = () => new World({ names: NAMES, allowance: 5_000n });
const transfer = (to: string, amount: bigint) => ({ kind: "transfer", to: agent(to), amount }) as const;
const grant = (to: string, amount: bigint) =>
  ({ kind: "grant", to: agent(to), free: amount, stake: 0n }) as const;

describe("operations", () => {
  it("a transfer moves its amount and burns its fee", () => {
    const w = world();
    const { receipts } = w.entry([w.op("ann", transfer("bob", 77n))]);
    expect(receipts[0]).toMatchObject({ status: "applied", code: null });
    expect(w.free("ann")).toBe(FUNDS - 77n - FEE);
    expect(w.free("bob")).toBe(FUNDS + 77n);
    expect(w.ledger.one(TOTALS).burned).toBe(FEE);
  });

  it("a receipt names its operation", () => {
    const w = world();
    const op = w.op("ann", transfer("bob", 1n));
    expect(w.entry([op]).receipts[0]!.operation).toEqual(operationId(op));
  });

  it("only a granter grants, within its allowance, and a grant makes the account", () => {
    const w = world();
    const codes = w
      .entry([
        w.op("ann", grant("new", 5n)),
        w.op("faucet", grant("new", 4_000n)),
        w.op("faucet", grant("new", 1_001n), 1),
        w.op("faucet", grant("new", 1_000n), 2),
      ])
      .receipts.map((one) => one.code);
    expect(codes).toEqual(["NOT_A_GRANTER", null, "ALLOWANCE_EXCEEDED", null]);
    expect(w.free("new")).toBe(5_000n);
    expect(w.ledger.one(TOTALS).minted).toBe(genesisMint(w.genesis) + 5_000n);
  });

  it("nobody is granted an account whose key anyone could sign for", () => {
    const w = world();
    const body = { kind: "grant", to: new Uint8Array(32), free: 1n, stake: 0n } as const;
    expect(w.entry([w.op("faucet", body)]).receipts[0]!.code).toBe("RECIPIENT_KEY_UNSOUND");
  });

  it("an unknown recipient is no account, and an amount of zero moves nothing", () => {
    const w = world();
    const { receipts } = w.entry([w.op("ann", transfer("nobody", 1n)), w.op("ann", transfer("bob", 0n), 1)]);
    expect(receipts.map((one) => one.code)).toEqual(["RECIPIENT_UNKNOWN", "AMOUNT_ZERO"]);
  });

  it("a refused operation changes its sender's nonce and fee, and nothing else", () => {
    const w = world();
    const id = w.create("sue");
    w.entry([w.op("bob", w.commit(id, "bob", 5n, 1000n))]);
    const bodies = [
      transfer("bob", FUNDS),
      grant("bob", 1n),
      w.commit(id, "ann", 5n, 999n),
      { kind: "cancel", auction: id } as const,
      offer({ revealMs: 1 }),
    ];
    for (const body of bodies) {
      const free = w.free("ann");
      const { burned } = w.ledger.one(TOTALS);
      const nonces = { ...w.ledger.accountOf(agent("ann"))!.nonces };
      const op = w.op("ann", body);
      expect(check(w.ledger, op, { ...w.next(), judgeEvidence })).not.toBeNull();
      const { receipts } = w.entry([op]);
      expect(receipts[0]!.status).toBe("refused");
      nonces[body.kind === "commit" ? "critical" : "bulk"]++;
      expect(w.ledger.accountOf(agent("ann"))).toMatchObject({ free: free - FEE, nonces });
      expect(w.ledger.one(TOTALS).burned).toBe(burned + FEE);
    }
    expect(w.ledger.touched.size).toBe(0);
  });

  it("a refused operation touches no row but its sender's and the sums", () => {
    const w = world();
    const id = w.create("sue");
    w.entry([w.op("bob", w.commit(id, "bob", 5n, 1000n))]);
    const touched: string[] = [];
    w.entry([w.op("ann", w.commit(id, "ann", 5n, 999n))], {}, (writes) =>
      touched.push(...writes.map(([key]) => key)),
    );
    expect(touched).toEqual([keyText(ACCOUNTS, agent("ann")), keyText(TOTALS, "")]);
  });

  it("a nonce that is not next is ignored without a fee", () => {
    const w = world();
    const root = w.root;
    const { receipts } = w.entry([
      w.op("ann", transfer("bob", 1n), 1),
      w.op("ann", transfer("bob", 1n), -1 + 5),
    ]);
    expect(receipts.map((one) => [one.status, one.code])).toEqual([
      ["ignored", "NONCE_NOT_NEXT"],
      ["ignored", "NONCE_NOT_NEXT"],
    ]);
    expect(w.root).toEqual(root);
  });

  it("a nonce is used once", () => {
    const w = world();
    const op = w.op("ann", transfer("bob", 1n));
    expect(w.entry([op, op]).receipts.map((one) => one.code)).toEqual([null, "NONCE_NOT_NEXT"]);
  });

  it("a full bulk lane does not stop a commit: lanes count apart", () => {
    const w = world();
    const id = w.create("sue");
    const { receipts } = w.entry([
      w.op("ann", transfer("bob", 1n)),
      w.op("ann", w.commit(id, "ann", 5n, 1000n)),
    ]);
    expect(receipts.map((one) => one.code)).toEqual([null, null]);
  });

  it("who cannot pay the fee is passed over without a trace: neither nonce nor root change", () => {
    const w = world();
    const { root } = w;
    const op = w.op("ann", transfer("bob", 1n), 0, FUNDS + 1n);
    expect(w.entry([op]).receipts[0]).toMatchObject({ status: "ignored", code: "FUNDS_TOO_LOW" });
    expect(w.root).toEqual(root);
    w.entry([w.op("bob", transfer("ann", 2n))]);
    expect(w.entry([op]).receipts[0], "it may still come").toMatchObject({ status: "applied" });
    expect(w.ledger.accountOf(agent("ann"))).toMatchObject({ free: 0n, nonces: { bulk: 1 } });
  });

  it.each([
    ["one short of the fee", FUNDS + 1n, "ignored", FUNDS, 0],
    ["exactly the fee", FUNDS, "refused", 0n, 1],
    ["one more than the fee", FUNDS - 1n, "applied", 0n, 1],
  ] as const)("with free funds of %s", (_, fee, status, free, nonce) => {
    const w = world();
    const { receipts } = w.entry([w.op("ann", transfer("bob", 1n), 0, fee)]);
    expect(receipts[0]!.status).toBe(status);
    expect(w.ledger.accountOf(agent("ann"))).toMatchObject({ free, nonces: { bulk: nonce } });
  });

  it("with exactly the fee and nothing to give, an operation that gives nothing is applied", () => {
    const w = world();
    const id = w.create("sue");
    w.entry([w.op("sue", transfer("ann", w.free("sue") - 3n * FEE))]);
    expect(w.free("sue")).toBe(2n * FEE);
    const cancel = { kind: "cancel", auction: id } as const;
    expect(w.entry([w.op("sue", cancel, 0, 2n * FEE)]).receipts[0]!.status).toBe("applied");
    // Nobody has bid: it leaves at once, and its deposit comes back.
    expect(w.free("sue")).toBe(DEPOSIT);
  });

  it("to fail costs as much as to succeed, for every signed kind", () => {
    const w = world();
    const id = w.create("sue");
    w.entry();
    const fee = 3n * FEE;
    const pairs: readonly (readonly [string, OperationBody, OperationBody])[] = [
      ["ann", transfer("bob", 1n), transfer("bob", 0n)],
      ["sue", offer({ lockups: [50n] }), offer({ lockups: [1n] })],
      ["bob", w.commit(id, "bob", 5n, 1000n), w.commit(id, "bob", 5n, 999n)],
    ];
    for (const [name, good, bad] of pairs) {
      const burned = (body: OperationBody): bigint => {
        const before = w.ledger.one(TOTALS).burned;
        w.entry([w.op(name, body, 0, fee)]);
        return w.ledger.one(TOTALS).burned - before;
      };
      expect([burned(bad), burned(good)]).toEqual([fee, fee]);
    }
  });

  it("another chain's or market's operation, an expired one, one for too long, a cheap one: ignored", () => {
    const w = world();
    const op = w.op("ann", transfer("bob", 1n));
    const authority = op.authority!;
    const wrong: readonly Operation[] = [
      { ...op, chain: salt("another chain") },
      { ...op, market: marketOf("another") },
      { ...op, authority: { ...authority, validUntilMs: w.timeMs } },
      { ...op, authority: { ...authority, validUntilMs: w.timeMs + 3_600_100 } },
      { ...op, authority: { ...authority, fee: FEE - 1n } },
    ];
    const { root } = w;
    const { receipts } = w.entry(wrong);
    expect(receipts.map((one) => one.code)).toEqual([
      "WRONG_CHAIN",
      "WRONG_MARKET",
      "EXPIRED",
      "VALID_TOO_LONG",
      "FEE_BELOW_MINIMUM",
    ]);
    expect(w.root).toEqual(root);
  });
});

describe("commits and reveals", () => {
  it("a copied commitment cannot be opened by the copier", () => {
    const w = world();
    const id = w.create("sue");
    const original = w.commit(id, "ann", 500n, 1000n);
    w.entry([w.op("ann", original), w.op("bob", original)]);
    w.until(id, "reveal");
    const copied = selfProving(w.ledger.network, {
      kind: "reveal",
      auction: id,
      bidder: agent("bob"),
      bid: { amount: 500n, units: null },
      salt: salt("ann"),
    });
    expect(w.entry([w.reveal(id, "ann", 500n), copied]).receipts.map((one) => one.code)).toEqual([
      null,
      "OPENING_MISMATCH",
    ]);
  });

  it("a commitment of one auction opens nothing in another", () => {
    const w = world();
    const [first, second] = [w.create("sue"), w.create("sue")];
    w.entry([w.op("ann", { ...w.commit(first, "ann", 500n, 1000n), auction: second })]);
    w.until(second, "reveal");
    expect(w.entry([w.reveal(second, "ann", 500n)]).receipts[0]!.code).toBe("OPENING_MISMATCH");
  });

  it("a commitment is replaced while bids are taken: one lock, and the later opening counts", () => {
    const w = world();
    const id = w.create("sue", { lockups: [100n, 1000n] });
    w.entry([w.op("ann", w.commit(id, "ann", 50n, 1000n, "first"))]);
    w.entry([w.op("ann", w.commit(id, "ann", 60n, 100n, "second"))]);
    expect(w.free("ann")).toBe(FUNDS - 2n * FEE - 100n);
    expect(auctionOf(w.ledger, id)).toMatchObject({ commits: 1 });
    w.until(id, "reveal");
    const codes = w
      .entry([w.reveal(id, "ann", 50n, "first"), w.reveal(id, "ann", 60n, "second")])
      .receipts.map((one) => one.code);
    expect(codes).toEqual(["OPENING_MISMATCH", null]);
  });

  it("a seller does not bid in its own auction", () => {
    const w = world();
    const id = w.create("sue");
    expect(w.entry([w.op("sue", w.commit(id, "sue", 5n, 1000n))]).receipts[0]!.code).toBe(
      "BIDDER_IS_CREATOR",
    );
  });

  it("one sum of money backs one bid: a hundred auctions do not lock it twice", () => {
    const w = new World({ names: ["sue", "poor"] });
    const spare = 1_000_000n;
    const ids = Array.from({ length: 5 }, () => w.create("sue", { lockups: [spare] }));
    w.entry([w.op("poor", transfer("sue", FUNDS - 3n * spare - 6n * FEE))]);
    const { receipts } = w.entry(ids.map((id, i) => w.op("poor", w.commit(id, "poor", 50n, spare), i)));
    expect(receipts.map((one) => one.code)).toEqual([
      null,
      null,
      "LOCKABLE_TOO_LOW",
      "LOCKABLE_TOO_LOW",
      "LOCKABLE_TOO_LOW",
    ]);
  });

  it("an auction takes as many bidders as its end can be proven with: 4,095, and a replacement is not one more", () => {
    const w = world();
    const id = w.create("sue");
    w.entry([w.op("ann", w.commit(id, "ann", 50n, 1000n))]);
    const verdict = (bidder: string, commits: number) => {
      unseen(auctionOf(w.ledger, id)!).commits = commits;
      const op = w.op(bidder, w.commit(id, bidder, 60n, 1000n), 0, 256n * FEE);
      return check(w.ledger, op, { ...w.next(), judgeEvidence })?.code ?? null;
    };
    expect([4094, 4095, 4096].map((commits) => verdict("bob", commits))).toEqual([
      null,
      "AUCTION_FULL",
      "AUCTION_FULL",
    ]);
    expect(verdict("ann", 4095)).toBeNull();
  });

  it("a hidden reserve under the public one cannot be opened", () => {
    const w = world();
    const id = w.create("sue");
    const openReserve = selfProving(w.ledger.network, {
      kind: "openReserve",
      auction: id,
      reserve: 50n,
      salt: salt("r"),
    });
    expect(w.entry([openReserve]).receipts[0]!.code).toBe("REVEAL_TOO_EARLY");
    w.until(id, "reveal");
    expect(w.entry([openReserve]).receipts[0]!.code).toBe("NO_HIDDEN_RESERVE");
  });
});

describe("slashing", () => {
  const convict = (
    seat: number,
    term: number,
    type: EvidenceType = "E1",
    key = `seat key ${seat}`,
  ): Operation => {
    const index =
      convictions.push({
        type,
        agent: agent(`seat ${seat}`),
        key: agent(key),
        epoch: 0,
        term,
      }) - 1;
    return selfProving(world().ledger.network, { kind: "evidence", evidence: Uint8Array.of(index) });
  };

  it("a proven fault takes the whole bond, half burned, half to the pool; the rest is debt, and jail follows", () => {
    const w = world();
    const outcome = w.entry([convict(0, 7)]);
    const slashes = slashesIn(outcome);
    const { receipts } = outcome;
    expect(receipts[0]!.status).toBe("applied");
    expect(slashes).toMatchObject([{ type: "E1", term: 7, due: 5n * BOND, taken: BOND }]);
    expect(w.ledger.accountOf(agent("seat 0"))).toMatchObject({
      stake: 0n,
      slashDebt: 4n * BOND,
      jailedUntilMs: w.timeMs + 600_000,
    });
    expect(w.ledger.one(TOTALS)).toMatchObject({ burned: BOND / 2n, insurance: BOND / 2n });
    expect(convictedSeats(w.ledger, 0)).toBe(1);
  });

  it("takes the lien, then free stake, then unbonding, and never another obligation's lien", () => {
    const w = world();
    const account = w.ledger.accountOf(agent("seat 0"))!;
    w.ledger.change(ACCOUNTS, account.id, (one) => {
      one.stake += 150n;
      one.liens.set("aa".repeat(32), { kind: "trade", amount: 100n });
      one.unbonding = [{ amount: 30n, releaseMs: w.timeMs + 900_000 }];
    });
    w.ledger.changeOne(TOTALS, (totals) => {
      totals.minted += 180n;
    });
    const outcome = w.entry([convict(0, 1)]);
    const slashes = slashesIn(outcome);
    expect(slashes[0]!.taken).toBe(BOND + 50n + 30n);
    expect(account).toMatchObject({ stake: 100n, unbonding: [] });
  });

  it("a conviction that took nothing makes no later one dearer", () => {
    const w = world();
    expect(w.entry([convict(0, 1, "E1", "a key without a bond")]).receipts[0]!.code).toBe("NOTHING_TO_SLASH");
    expect([...w.ledger.table(SLASHES).values()]).toMatchObject([{ due: 0n, taken: 0n }]);
    expect(slashesIn(w.entry([convict(0, 2)]))).toMatchObject([{ due: 5n * BOND, taken: BOND }]);
  });

  it("punishes one fault once", () => {
    const w = world();
    w.entry([convict(1, 3, "E1")]);
    expect(w.entry([convict(1, 3, "E4")]).receipts[0]).toMatchObject({
      status: "refused",
      code: "EVIDENCE_USED",
    });
  });

  it("that can take nothing is recorded as a refusal, and changes nothing for one in jail", () => {
    const w = world();
    w.entry([convict(1, 3)]);
    const { root } = w;
    expect(w.entry([convict(1, 4)]).receipts[0]).toMatchObject({
      status: "refused",
      code: "NOTHING_TO_SLASH",
    });
    expect(w.root).toEqual(root);
    const outcome = w.entry([convict(1, 5)], { afterMs: 700_000 });
    const slashes = slashesIn(outcome);
    const { receipts } = outcome;
    expect([receipts[0]!.code, slashes]).toEqual(["NOTHING_TO_SLASH", []]);
    expect(w.ledger.accountOf(agent("seat 1"))!.jailedUntilMs).toBe(w.timeMs + 600_000);
  });

  it("class B takes a quarter, jails nobody, and does not count towards a fork; A of the same term takes the rest", () => {
    const w = world();
    const first = w.entry([convict(2, 9, "E6")]);
    expect(slashesIn(first)).toMatchObject([{ type: "E6", due: BOND / 4n, taken: BOND / 4n }]);
    const account = w.ledger.accountOf(agent("seat 2"))!;
    expect(account).toMatchObject({ stake: (BOND * 3n) / 4n, slashDebt: 0n, jailedUntilMs: 0 });
    expect(convictedSeats(w.ledger, 0)).toBe(0);
    expect(w.ledger.one(TOTALS)).toMatchObject({ burned: BOND / 8n, insurance: BOND / 8n });
    expect(w.entry([convict(2, 9, "E6")]).receipts[0]!.code).toBe("EVIDENCE_USED");
    const rest = w.entry([convict(2, 9, "E5")]);
    expect(slashesIn(rest)).toMatchObject([{ type: "E5", taken: (BOND * 3n) / 4n }]);
    expect(account).toMatchObject({ stake: 0n, jailedUntilMs: w.timeMs + 600_000 });
    expect(convictedSeats(w.ledger, 0)).toBe(1);
  });

  it("class B again costs more each time, and after class A nothing is left to take", () => {
    const w = world();
    const bond = () => w.ledger.accountOf(agent("seat 3"))!.stake;
    const left: bigint[] = [];
    for (const term of [1, 2, 3]) {
      w.entry([convict(3, term, "E6")]);
      left.push(bond());
    }
    // 25 % of what is there, then twice, then three times as much of it.
    expect(left).toEqual([(BOND * 3n) / 4n, (BOND * 3n) / 8n, (BOND * 3n) / 32n]);
    w.entry([convict(3, 4, "E1")]);
    expect(bond()).toBe(0n);
    const { root } = w;
    expect(w.entry([convict(3, 5, "E6")]).receipts[0]!.code).toBe("NOTHING_TO_SLASH");
    expect(w.root).toEqual(root);
  });

  it("is independent of order: whatever faults are convicted in whatever order, A takes all, each once", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          (["E1", "E3", "E5", "E6"] as const).flatMap((type) => [1, 2].map((term) => ({ type, term }))),
        ),
        (faults) => {
          convictions.length = 0;
          const w = world();
          const all = faults.map(({ type, term }) => convict(0, term, type));
          const outcomes = [...all, ...all].map((one) => w.entry([one]));
          const taken = outcomes.flatMap(slashesIn).reduce((sum, one) => sum + one.taken, 0n);
          const account = w.ledger.accountOf(agent("seat 0"))!;
          expect(taken + account.stake).toBe(BOND);
          expect(w.ledger.one(TOTALS).burned + w.ledger.one(TOTALS).insurance).toBe(taken);
          if (faults.some(({ type }) => type !== "E6")) expect(account.stake).toBe(0n);
          const keys = new Set(faults.map(({ type, term }) => `${term}/${type === "E6" ? "B" : "A"}`));
          expect(w.ledger.table(SLASHES).size).toBeLessThanOrEqual(keys.size);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("evidence that proves nothing changes nothing", () => {
    const w = world();
    const { root } = w;
    const forged = selfProving(w.ledger.network, { kind: "evidence", evidence: utf8("\xff") });
    expect(w.entry([forged]).receipts[0]).toMatchObject({ status: "refused", code: "EVIDENCE_INVALID" });
    expect(w.root).toEqual(root);
  });
});
