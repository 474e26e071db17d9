// Vectors of the market: operations and what is no operation, commitments, and who wins at what price.
import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { agentKey } from "../../node/crypto/signer.js";
import {
  type Bytes,
  compareBytes,
  concatBytes,
  decode,
  encode,
  fromHex,
  toHex,
  utf8,
} from "../../src/base/index.js";
import {
  commitmentOf,
  openRecovery,
  reserveHashOf,
  saltOf,
  sealOpening,
  taggedHash,
} from "../../src/crypto/index.js";
import { marketOf } from "../../src/ledger/index.js";
import {
  agreedBudget,
  auctionIdOf,
  bidBytes,
  bidCommitment,
  decodeOperation,
  encodeOperation,
  hiddenReserveHash,
  MAX_OPERATION_BYTES,
  type Operation,
  type OperationBody,
  operationId,
  selfProving,
  signOperation,
  tieKeys,
} from "../../src/market/index.js";
import { plain, vectors } from "../vectors.js";
import { BOUNDS, type Bound, looseOperation } from "./loose-operation.js";
import { vickrey } from "./world.js";

const hex = (text: string): Bytes => fromHex(text)!;

const seed = taggedHash("key", utf8("vector seed"));
const key = agentKey(seed);
const network = { chain: taggedHash("genesis", utf8("vectors")), market: marketOf("main") };
const auction = auctionIdOf(network, key.publicKey, 3);
const salt = saltOf(key, auction, 0, bidBytes({ amount: 3_000_000n, units: null }));
const authority = { nonce: 7, fee: 1000n, validUntilMs: 1_700_000_000_000 };

const child = agentKey(new Uint8Array(32).fill(5));
const FIVE = Array.from({ length: 5 }, (_, i) => new Uint8Array(32).fill(i));
const BUDGET_TERMS = {
  perAuction: 5_000_000n,
  perPeriod: 20_000_000n,
  total: 100_000_000n,
  untilMs: 1_700_000_000_000,
};
const DEPUTIES = ["one", "another"].map((name) => taggedHash("key", utf8(name))).sort(compareBytes);
const BODIES: readonly OperationBody[] = [
  { kind: "transfer", to: taggedHash("key", utf8("to")), amount: 9007199254740991n },
  { kind: "grant", to: taggedHash("key", utf8("to")), free: 1n, stake: 2n },
  {
    kind: "createAuction",
    format: { kind: "vickrey" },
    direction: "sell",
    lot: { capability: "openai.rpm", units: 500, fromMs: 1_700_000_000_000, toMs: 1_700_003_600_000 },
    reserve: 0n,
    lockups: [1_000_000n, 5_000_000n],
    openMs: 0,
    commitMs: 1000,
    revealMs: 1200,
    bond: 500_000n,
    reserveHash: hiddenReserveHash(network, auction, 2_000_000n, salt),
    standingWeight: null,
    deliverMs: 0,
    settleMs: 0,
    value: null,
  },
  { kind: "cancel", auction },
  {
    kind: "commit",
    auction,
    commitment: bidCommitment(network, auction, key.publicKey, { amount: 3_000_000n, units: null }, salt),
    lockup: 5_000_000n,
    recovery: sealOpening(key, auction, 0, { bidBytes: bidBytes({ amount: 3_000_000n, units: null }), salt }),
  },
  {
    kind: "createAuction",
    format: { kind: "first-price" },
    direction: "buy",
    lot: { capability: "render.frame", units: 20, fromMs: null, toMs: null },
    reserve: 3_000_000n,
    lockups: [3_000_000n],
    openMs: 1_700_000_000_000,
    commitMs: 1000,
    revealMs: 1200,
    bond: 0n,
    reserveHash: null,
    standingWeight: 2500,
    deliverMs: 0,
    settleMs: 0,
    value: null,
  },
  { kind: "bond", amount: 200_000_000n },
  { kind: "unbond", amount: 1n },
  { kind: "deliver", trade: salt, hash: auction },
  { kind: "accept", trade: salt },
  { kind: "fail", trade: salt },
  { kind: "dispute", trade: salt, evidence: auction, bond: 2_000_000n },
  { kind: "verdict", trade: salt, share: 2500 },
  { kind: "verdict", trade: salt, share: null },
  { kind: "openBudget", ...agreedBudget(network, key.publicKey, { terms: BUDGET_TERMS, nth: 1 }, child) },
  { kind: "closeBudget", child: child.publicKey },
  { kind: "hold", auction, owner: key.publicKey, untilMs: 1_700_000_060_000, deputies: DEPUTIES },
  { kind: "hold", auction, owner: key.publicKey, untilMs: 1_700_000_060_000, deputies: null },
  { kind: "usage", auction, owner: key.publicKey, used: 20_000_000, lent: 3_000_000 },
];
const PROVEN: readonly OperationBody[] = [
  { kind: "reveal", auction, bidder: key.publicKey, bid: { amount: 3_000_000n, units: null }, salt },
  { kind: "openReserve", auction, reserve: 2_000_000n, salt },
  { kind: "evidence", evidence: Uint8Array.of(1, 2, 3) },
];

const valid = (): readonly Operation[] => [
  ...BODIES.map((body) => signOperation(network, authority, body, key)),
  ...PROVEN.map((body) => selfProving(network, body)),
];

/** Operations that miss one bound, and the bound. */
function unbounded(): readonly (readonly [bound: Bound, name: string, op: unknown])[] {
  const [, , create, , commit, purchase, , , , , , , verdict, , , , hold, , , reveal, openReserve, evidence] =
    valid();
  const having = (op: Operation | undefined, part: object) => ({ ...op!, body: { ...op!.body, ...part } });
  const lot = { capability: "openai.rpm", units: 500, fromMs: null, toMs: null };
  const selling = (part: object) => having(create, { lot: { ...lot, ...part } });
  const after9999 = 253_402_300_800_000;
  return [
    ["capability's length", "a capability of 65 characters", selling({ capability: "a".repeat(65) })],
    ["capability's characters", "an empty capability", selling({ capability: "" })],
    ["capability's characters", "a capability with a capital letter", selling({ capability: "GPU" })],
    ["capability's characters", "a capability with a blank", selling({ capability: "gpu a100" })],
    ["units", "a lot of no units", selling({ units: 0 })],
    ["lot's times", "a lot that begins after the year 9999", selling({ fromMs: after9999 })],
    ["lot's times", "a lot that ends after the year 9999", selling({ toMs: after9999 })],
    ["lot's order", "a lot that ends when it begins", selling({ fromMs: 5, toMs: 5 })],
    ["lockups positive", "a lockup of nothing", having(create, { lockups: [0n, 5n] })],
    ["lockups ascending", "lockups that descend", having(create, { lockups: [5n, 4n] })],
    ["lockups ascending", "a lockup twice", having(create, { lockups: [5n, 5n] })],
    ["lockups present", "no lockups", having(create, { lockups: [] })],
    ["lockups' number", "nine lockups", having(create, { lockups: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n] })],
    ["opening's time", "an opening after the year 9999", having(create, { openMs: after9999 })],
    ["commit window", "no window for commits", having(create, { commitMs: 0 })],
    ["reveal window", "no window for reveals", having(create, { revealMs: 0 })],
    ["format", "an unknown format", having(create, { format: { kind: "other" } })],
    ["direction", "an unknown direction", having(create, { direction: "other" })],
    ["purchase's reserve", "a purchase at no price", having(purchase, { reserve: 0n })],
    [
      "who hides a reserve",
      "a purchase that hides a reserve",
      having(purchase, { reserveHash: salt, standingWeight: null }),
    ],
    [
      "who hides a reserve",
      "a lot by units that hides a reserve",
      having(create, { format: { kind: "uniform" } }),
    ],
    ["standing's weight", "a weight of nothing", having(purchase, { standingWeight: 0 })],
    ["standing's weight", "a weight of 10001 bp", having(purchase, { standingWeight: 10_001 })],
    ["who weighs standing", "a sale that weighs standing", having(create, { standingWeight: 1 })],
    [
      "who weighs standing",
      "a lot by units that weighs standing",
      having(purchase, { format: { kind: "uniform" } }),
    ],
    ["time to look", "a delivery that nobody may look at", having(create, { deliverMs: 1 })],
    ["time to look", "time to look at what is not delivered", having(create, { settleMs: 1 })],
    ["who declares a value", "a sale as a whole that declares a value", having(create, { value: 1n })],
    [
      "who declares a value",
      "a sale by units with delivery that declares none",
      having(create, { format: { kind: "uniform" }, reserveHash: null, deliverMs: 1, settleMs: 1 }),
    ],
    ["bid's units", "a bid for no units", having(reveal, { bid: { amount: 1n, units: 0 } })],
    ["juror's share", "a verdict that upholds nothing", having(verdict, { share: 0 })],
    ["juror's share", "a verdict that upholds more than all", having(verdict, { share: 10_001 })],
    ["hold's end", "a hold until after the year 9999", having(hold, { untilMs: after9999 })],
    ["deputies ascending", "deputies that descend", having(hold, { deputies: DEPUTIES.toReversed() })],
    ["deputies ascending", "a deputy twice", having(hold, { deputies: [salt, salt] })],
    ["deputies' number", "five deputies", having(hold, { deputies: FIVE })],
    ["recovery's length", "a recovery of 95 bytes", having(commit, { recovery: new Uint8Array(95) })],
    ["recovery's length", "a recovery of 97 bytes", having(commit, { recovery: new Uint8Array(97) })],
    ["bid's salt", "a bid's salt of 31 bytes", having(reveal, { salt: new Uint8Array(31) })],
    ["bid's salt", "a bid's salt of 33 bytes", having(reveal, { salt: new Uint8Array(33) })],
    ["reserve's salt", "a reserve's salt of 31 bytes", having(openReserve, { salt: new Uint8Array(31) })],
    ["reserve's salt", "a reserve's salt of 33 bytes", having(openReserve, { salt: new Uint8Array(33) })],
    [
      "evidence's length",
      "62 KiB of evidence and a byte",
      having(evidence, { evidence: new Uint8Array(63_489) }),
    ],
    ["signature's length", "a signature of 63 bytes", { ...create!, sig: new Uint8Array(63) }],
    ["signature's length", "a signature of 65 bytes", { ...create!, sig: new Uint8Array(65) }],
    ["authority and signature", "a signed kind without an authority", { ...create!, authority: null }],
    [
      "authority and signature",
      "a self-proving kind with an authority",
      { ...reveal!, authority: create!.authority },
    ],
  ];
}

/** Bytes with the zeros at their end left out, where there are many. */
function withoutZeros(bytes: Bytes): { bytes: Bytes; zeros?: number } {
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  return bytes.length - end < 1000 ? { bytes } : { bytes: bytes.slice(0, end), zeros: bytes.length - end };
}

interface Invalid {
  readonly name: string;
  readonly code: string;
  readonly bytes: Bytes;
  readonly times?: number;
  readonly zeros?: number;
}

/** Bytes that differ from a valid operation's in one respect, and the code with which they are refused. */
function invalid(): readonly Invalid[] {
  const bytes = encodeOperation(valid()[0]!);
  const reveal = encodeOperation(valid()[BODIES.length]!);
  const at = (offset: number, ...values: number[]): Bytes => {
    const changed = bytes.slice();
    changed.set(values, offset);
    return changed;
  };
  const last = bytes.length - 1;
  const spliced = (from: number, remove: number, ...values: number[]): Bytes =>
    Uint8Array.from([...bytes.slice(0, from), ...values, ...bytes.slice(from + remove)]);
  const signatureKey = bytes.length - 67;
  const [kindAt, amountAt] = [signatureKey - 47, signatureKey - 8];
  return [
    { name: "nothing", code: "TRUNCATED", bytes: new Uint8Array(0) },
    { name: "one byte short", code: "TRUNCATED", bytes: bytes.slice(0, last) },
    { name: "one byte more", code: "TRAILING", bytes: Uint8Array.from([...bytes, 0]) },
    { name: "64 KiB and a byte", code: "OVERSIZE", bytes: Uint8Array.of(0), times: 65_537 },
    { name: "a list instead of a map", code: "WRONG_TYPE", bytes: at(0, 0x86) },
    { name: "an indefinite map", code: "NOT_CANONICAL", bytes: at(0, 0xbf) },
    { name: "version 2", code: "OUT_OF_RANGE", bytes: at(2, 2) },
    { name: "version 1 in two bytes", code: "NOT_CANONICAL", bytes: spliced(2, 1, 0x18, 1) },
    { name: "a key twice", code: "UNKNOWN_KEY", bytes: at(3, 0) },
    { name: "an unknown key", code: "UNKNOWN_KEY", bytes: at(signatureKey, 9) },
    { name: "a chain of 31 bytes", code: "OUT_OF_RANGE", bytes: spliced(5, 1, 0x1f) },
    {
      name: "a signed kind without its signature",
      code: "OUT_OF_RANGE",
      bytes: Uint8Array.from([0xa5, ...bytes.slice(1, signatureKey)]),
    },
    {
      name: "a self-proving kind with a signature",
      code: "OUT_OF_RANGE",
      bytes: Uint8Array.from([reveal[0]! + 1, ...reveal.slice(1), ...bytes.slice(signatureKey)]),
    },
    { name: "a float", code: "WRONG_TYPE", bytes: at(2, 0xf9) },
    { name: "deeply nested lists", code: "WRONG_TYPE", bytes: Uint8Array.of(0x81), times: 1000 },
    { name: "an unknown kind", code: "OUT_OF_RANGE", bytes: at(kindAt, 23) },
    { name: "an amount of 2^53", code: "OUT_OF_RANGE", bytes: at(amountAt, 0, 0x20, 0, 0, 0, 0, 0, 0) },
    ...unbounded().map(([bound, name, op]) => ({
      name,
      code: "OUT_OF_RANGE",
      ...withoutZeros(encode(looseOperation(bound), op)),
    })),
  ];
}

/** Older cases that miss the same bound. */
const SIGNED_OR_NOT = ["a signed kind without its signature", "a self-proving kind with a signature"];

const bytesOf = ({ bytes, times = 1, zeros = 0 }: { bytes: string; times?: number; zeros?: number }): Bytes =>
  concatBytes(hex(bytes.repeat(times)), new Uint8Array(zeros));

/** Whether a reader takes the bytes that misses a bound. */
const taken = (missed: Bound | null, one: Parameters<typeof bytesOf>[0]): boolean =>
  decode(looseOperation(missed), bytesOf(one), MAX_OPERATION_BYTES).ok;

interface OperationVectors {
  readonly about: string;
  readonly seed: string;
  readonly chain: string;
  readonly market: string;
  readonly valid: readonly { operation: unknown; bytes: string; id: string }[];
  /** `times`: the bytes repeat so often; `zeros`: so many zero bytes follow */
  readonly invalid: readonly { name: string; code: string; bytes: string; times?: number; zeros?: number }[];
}

describe("operations.json", () => {
  const file = vectors<OperationVectors>("operations", () => ({
    about:
      "Operations as canonical CBOR. id = H('op', all fields but the signature); the signature is Ed25519 over the id by the key of the seed. Invalid ones repeat `times` times, and are followed by `zeros` zero bytes, where these are given.",
    seed: toHex(seed),
    ...(plain(network) as { chain: string; market: string }),
    valid: valid().map((op) => ({
      operation: plain(op),
      bytes: toHex(encodeOperation(op)),
      id: toHex(operationId(op)),
    })),
    invalid: invalid().map((one) => ({ ...one, bytes: toHex(one.bytes) })),
  }));

  it("holds every kind of operation", () => {
    expect(file.valid).toHaveLength(BODIES.length + PROVEN.length);
  });

  it.each(file.valid.map((one) => [(one.operation as { body: { kind: string } }).body.kind, one] as const))(
    "%s reads, writes, and has its id and signature",
    (_, one) => {
      const decoded = decodeOperation(hex(one.bytes));
      if (!decoded.ok) throw new Error(decoded.error.detail);
      expect(plain(decoded.value)).toEqual(one.operation);
      expect(toHex(encodeOperation(decoded.value))).toBe(one.bytes);
      expect(toHex(operationId(decoded.value))).toBe(one.id);
      if (decoded.value.sig === null) return;
      const head = Buffer.from("302a300506032b6570032100", "hex");
      const spki = Buffer.concat([head, agentKey(hex(file.seed)).publicKey]);
      const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
      expect(verify(null, hex(one.id), publicKey, decoded.value.sig)).toBe(true);
    },
  );

  it.each(file.invalid.map((one) => [one.name, one] as const))("%s is refused", (_, one) => {
    expect(decodeOperation(bytesOf(one))).toMatchObject({ ok: false, error: { code: one.code } });
  });

  it("refuses all of them by the encoding that the bounds are told by, too", () => {
    for (const one of file.invalid) expect(taken(null, one), one.name).toBe(false);
    for (const { bytes } of file.valid) expect(taken(null, { bytes })).toBe(true);
  });

  it.each(BOUNDS)("notices a reader that misses the bound: %s", (bound) => {
    const noticed = file.invalid.filter((one) => taken(bound, one)).map(({ name }) => name);
    expect(noticed.sort()).toEqual(
      unbounded()
        .filter(([missed]) => missed === bound)
        .map(([, name]) => name)
        .concat(bound === "authority and signature" ? SIGNED_OR_NOT : [])
        .sort(),
    );
    expect(noticed.length).toBeGreaterThan(0);
  });

  it("a second signature does not make a second operation", () => {
    const [op] = valid();
    expect(operationId({ ...op!, sig: new Uint8Array(64) } as Operation)).toEqual(operationId(op!));
  });
});

interface CommitmentVectors {
  readonly about: string;
  readonly commitments: readonly Record<
    "chain" | "market" | "auction" | "bidder" | "bid" | "salt" | "commitment",
    string
  >[];
  readonly reserves: readonly Record<"chain" | "market" | "auction" | "reserve" | "salt" | "hash", string>[];
  readonly recoveries: readonly {
    seed: string;
    auction: string;
    counter: number;
    bid: string;
    salt: string;
    recovery: string;
  }[];
}

const COUNTERS = [0, 1, 5000];
const AMOUNTS = [0n, 23n, 3_000_000n, 9007199254740991n];

describe("commitments.json", () => {
  const file = vectors<CommitmentVectors>("commitments", () => ({
    about:
      "commitment = H('commit', chain ‖ market ‖ auction ‖ bidder ‖ cbor(bid) ‖ salt); hash = H('reserve', chain ‖ market ‖ auction ‖ cbor(reserve) ‖ salt); a recovery is nonce24 ‖ XChaCha20-Poly1305 of len(bid) ‖ bid ‖ zeros ‖ salt (56 bytes), with the auction as associated data; key and nonce key = HKDF-SHA256(seed, no salt, purpose ‖ auction ‖ u64 counter, 32), purpose being 'recovery', 'recovery-nonce'; the salt of a bid is the same with purpose 'salt' and cbor(bid) at the end; nonce = HMAC-SHA256(nonce key, plaintext)[0..24].",
    commitments: AMOUNTS.map((amount) => ({
      ...network,
      auction,
      bidder: key.publicKey,
      bid: bidBytes({ amount, units: null }),
      salt,
      commitment: bidCommitment(network, auction, key.publicKey, { amount, units: null }, salt),
    })) as never,
    reserves: ["00", "1864", "1b001fffffffffffff"].map((reserve) => ({
      ...network,
      auction,
      reserve,
      salt,
      hash: reserveHashOf({ ...network, auction }, hex(reserve), salt),
    })) as never,
    recoveries: COUNTERS.map((counter, i) => {
      const bid = bidBytes({ amount: AMOUNTS[i]!, units: null });
      const opening = { bidBytes: bid, salt: saltOf(key, auction, counter, bid) };
      const recovery = sealOpening(key, auction, counter, opening);
      return { seed, auction, counter, bid: opening.bidBytes, salt: opening.salt, recovery };
    }) as never,
  }));

  it.each(file.commitments.map((one) => [one.bid, one] as const))("the commitment to bid %s", (_, one) => {
    const place = { chain: hex(one.chain), market: hex(one.market), auction: hex(one.auction) };
    expect(toHex(commitmentOf(place, hex(one.bidder), hex(one.bid), hex(one.salt)))).toBe(one.commitment);
  });

  it.each(file.reserves.map((one) => [one.reserve, one] as const))("the hidden reserve %s", (_, one) => {
    const place = { chain: hex(one.chain), market: hex(one.market), auction: hex(one.auction) };
    expect(toHex(reserveHashOf(place, hex(one.reserve), hex(one.salt)))).toBe(one.hash);
  });

  it.each(file.recoveries.map((one) => [one.counter, one] as const))(
    "the recovery of counter %d",
    (_, one) => {
      const agent = agentKey(hex(one.seed));
      expect(toHex(saltOf(agent, hex(one.auction), one.counter, hex(one.bid)))).toBe(one.salt);
      const opening = openRecovery(agent, hex(one.auction), one.counter, hex(one.recovery));
      expect(plain(opening)).toEqual({ bidBytes: one.bid, salt: one.salt });
    },
  );
});

interface VickreyVectors {
  readonly about: string;
  readonly cases: readonly {
    name: string;
    auction: string;
    reserve: string;
    bids: readonly { bidder: string; amount: string; salt: string }[];
    winner: string | null;
    price: string;
  }[];
  readonly ties: readonly { auction: string; salts: readonly string[]; bidder: string; key: string }[];
}

const CASES: readonly (readonly [name: string, reserve: bigint, amounts: readonly bigint[]])[] = [
  ["no bids", 10n, []],
  ["a lone bidder pays the reserve", 10n, [50n]],
  ["the second price", 10n, [50n, 30n, 40n]],
  ["the second bid is under the reserve", 35n, [50n, 30n]],
  ["all bids are under the reserve", 60n, [50n, 30n]],
  ["a bid of the reserve is valid", 50n, [50n]],
  ["zero is a price", 0n, [0n]],
  ["a tie of two pays its own amount", 10n, [50n, 50n, 20n]],
  ["a tie of three", 0n, [7n, 7n, 7n]],
  ["a tie below the winner", 0n, [9n, 7n, 7n]],
  ["a tie above a valid bid", 0n, [4n, 9n, 9n]],
  ["a tie above one bid that is valid and one that is not", 5n, [9n, 6n, 9n, 4n]],
  ["a tie of three above a tie of two", 0n, [3n, 8n, 3n, 8n, 8n]],
  ["a tie at the reserve, under it another", 6n, [6n, 5n, 6n, 5n]],
  ["a tie of two above a tie of three", 0n, [3n, 3n, 8n, 3n, 8n]],
  ["a tie of four among all kinds of bids", 3n, [9n, 3n, 2n, 9n, 8n, 9n, 0n, 9n]],
  ["a tie of five", 0n, [2n, 2n, 2n, 2n, 2n]],
  ["a tie of eight", 0n, [1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n]],
];

describe("vickrey.json", () => {
  const file = vectors<VickreyVectors>("vickrey", () => ({
    about:
      "Winner and price of sealed-bid second-price auctions. Equal bids rank by tie key, least first: H('tie', auction ‖ sorted salts of all bids at the amount ‖ bidder).",
    cases: CASES.map(([name, reserve, amounts]) => {
      const bids = amounts.map((amount, i) => ({
        bidder: taggedHash("key", utf8(`bidder ${i}`)),
        amount,
        salt: taggedHash("leaf", utf8(`${name} ${i}`)),
      }));
      const whole = bids.map((one) => ({ ...one, units: null, standing: 5_000 }));
      return { name, auction, reserve, bids, ...vickrey(auction, reserve, whole) };
    }) as never,
    ties: [[salt], [seed, salt]].map((salts) => ({
      auction,
      salts,
      bidder: key.publicKey,
      key: tieKeys(auction, salts)(key.publicKey),
    })) as never,
  }));

  it.each(file.cases.map((one) => [one.name, one] as const))("%s", (_, one) => {
    const bids = one.bids.map(({ bidder, amount, salt: own }) => ({
      bidder: hex(bidder),
      amount: BigInt(amount),
      units: null,
      standing: 5_000,
      salt: hex(own),
    }));
    const outcome = vickrey(hex(one.auction), BigInt(one.reserve), bids);
    expect(plain(outcome)).toEqual({ winner: one.winner, price: one.price });
  });

  it.each(file.ties.map((one, i) => [i, one] as const))("tie key %d", (_, one) => {
    expect(toHex(tieKeys(hex(one.auction), one.salts.map(hex))(hex(one.bidder)))).toBe(one.key);
  });
});
