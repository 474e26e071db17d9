// Operations: everything that a log entry may do to the ledger, as one union (spec/encoding#operations).
import {
  amount,
  type Bytes,
  bytes,
  type DecodeError,
  decode,
  encode,
  fixed,
  type Hash,
  hash,
  instant,
  lawful,
  list,
  oneOf,
  optional,
  type Result,
  signature,
  struct,
  type TypeOf,
  u64be,
  uint,
  union,
} from "../base/index.js";
import { type Signer, taggedHash, type Verifier } from "../crypto/index.js";
import { RECOVERY_BYTES } from "../crypto/opening.js";
import { capability } from "./capability.js";

/** An agent is its Ed25519 public key: 32 bytes. */
export const agentId = fixed(32);
export type AgentId = Bytes;
export type AuctionId = Hash;

/** One operation's bytes (spec/log#V3). */
export const MAX_OPERATION_BYTES = 64 * 1024;
/** Canonical evidence within an operation (ADR 0014); `peer` asserts that it is what the quorum makes at most. */
export const MAX_OPERATION_EVIDENCE_BYTES = 62 * 1024;
export { RECOVERY_BYTES };

/** What is sold: units of a capability, in a window of time where it lapses (spec/auctions#lots). */
export const lot = lawful(
  struct({
    capability: [0, capability],
    units: [1, uint(undefined, 1)],
    fromMs: [2, optional(instant)],
    toMs: [3, optional(instant)],
  }),
  (one) => one.fromMs === null || one.toMs === null || one.fromMs < one.toMs,
  "a lot's window begins before it ends",
);
export type Lot = TypeOf<typeof lot>;

/** A sealed bid: what is hashed into a commitment and opened by a reveal. */
export const bid = struct({ amount: [0, amount] });
export type Bid = TypeOf<typeof bid>;

const lockups = lawful(
  list(amount, 8, 1),
  (amounts) => amounts.every((one, i) => one > 0n && (i === 0 || one > amounts[i - 1]!)),
  "lockups are positive and ascend",
);

/** What a seller fixes for good when it creates an auction (spec/auctions#T1). */
export const auctionTerms = struct({
  format: [0, oneOf(["vickrey"])],
  direction: [1, oneOf(["sell"])],
  lot: [2, lot],
  /** the public reserve: a bid under it never wins */
  reserve: [3, amount],
  lockups: [4, lockups],
  /** ledger time before which bids are not taken; in the past: at once */
  openMs: [5, instant],
  commitMs: [6, uint(undefined, 1)],
  revealMs: [7, uint(undefined, 1)],
  sellerBond: [8, amount],
  /** `reserveHash` of crypto/commitment.ts: a reserve of at least the public one, shown in REVEAL */
  reserveHash: [9, optional(hash)],
});
export type AuctionTerms = TypeOf<typeof auctionTerms>;

export const operationBody = union({
  transfer: [0, struct({ to: [0, agentId], amount: [1, amount] })],
  /** a granter named in genesis mints within its allowance: the testnet's faucet */
  grant: [1, struct({ to: [0, agentId], amount: [1, amount] })],
  createAuction: [2, auctionTerms],
  cancel: [3, struct({ auction: [0, hash] })],
  commit: [
    4,
    struct({
      auction: [0, hash],
      commitment: [1, hash],
      lockup: [2, amount],
      recovery: [3, fixed(RECOVERY_BYTES)],
    }),
  ],
  reveal: [5, struct({ auction: [0, hash], bidder: [1, agentId], bid: [2, bid], salt: [3, fixed(32)] })],
  openReserve: [6, struct({ auction: [0, hash], reserve: [1, amount], salt: [2, fixed(32)] })],
  /** canonical bytes of a quorum evidence: judged by the port that `EntryContext` carries */
  evidence: [7, struct({ evidence: [0, bytes(MAX_OPERATION_EVIDENCE_BYTES)] })],
});
export type OperationBody = TypeOf<typeof operationBody>;
export type OperationKind = OperationBody["kind"];
export type BodyOf<K extends OperationKind> = Extract<OperationBody, { readonly kind: K }>;

export type Lane = "critical" | "bulk";

/** Kinds that prove themselves: no nonce, signature, validUntil or fee; once per target, by anyone (†). */
export const SELF_PROVING = {
  transfer: false,
  grant: false,
  createAuction: false,
  cancel: false,
  commit: false,
  reveal: true,
  openReserve: true,
  evidence: true,
} as const satisfies Readonly<Record<OperationKind, boolean>>;

/** Which nonces and which share of an entry an operation uses (spec/encoding#lanes-and-signers). */
export const LANE: Readonly<Record<OperationKind, Lane>> = {
  transfer: "bulk",
  grant: "bulk",
  createAuction: "bulk",
  cancel: "bulk",
  commit: "critical",
  reveal: "critical",
  openReserve: "critical",
  evidence: "critical",
};

/** Who an operation is from, in what order, at what price, and until when. Absent for self-proving kinds. */
export const authority = struct({
  from: [0, agentId],
  /** the next nonce of (from, lane) */
  nonce: [1, uint()],
  fee: [2, amount],
  /** ledger time after which no entry may include it */
  validUntilMs: [3, uint()],
});
export type Authority = TypeOf<typeof authority>;

const unsigned = {
  v: [0, uint(1, 1)],
  chain: [1, hash],
  market: [2, hash],
  authority: [3, optional(authority)],
  body: [4, operationBody],
} as const;

const signedPart = struct(unsigned);

/** An operation as it travels. */
export const operation = lawful(
  struct({ ...unsigned, sig: [5, optional(signature)] }),
  (op) => {
    const selfProving = SELF_PROVING[op.body.kind];
    return selfProving ? op.authority === null && op.sig === null : op.authority !== null && op.sig !== null;
  },
  "an operation has an authority and a signature exactly if it does not prove itself",
);
export type Operation = TypeOf<typeof operation>;

export const decodeOperation = (raw: Bytes): Result<Operation, DecodeError> =>
  decode(operation, raw, MAX_OPERATION_BYTES);
export const encodeOperation = (op: Operation): Bytes => encode(operation, op);

type SignedPart = Pick<Operation, "v" | "chain" | "market" | "authority" | "body">;

/** An operation is asked for its id at admission, in an entry and in its receipt: it is hashed once. */
const IDS = new WeakMap<SignedPart, Hash>();

/** What an operation's signature covers, and its id: a second signature does not make a second operation. */
export function operationId(op: SignedPart): Hash {
  const known = IDS.get(op);
  if (known !== undefined) return known;
  const id = taggedHash("op", encode(signedPart, op));
  IDS.set(op, id);
  return id;
}

/** The network an operation is made for; it is part of what is signed, so that no other network takes it. */
export interface Network {
  readonly chain: Hash;
  readonly market: Hash;
}

/** The id of the auction that `creator` makes with the (bulk) nonce of its CreateAuction (spec/encoding#hash-tags). */
export const auctionIdOf = (network: Network, creator: AgentId, nonce: number): AuctionId =>
  taggedHash("auction", network.chain, network.market, creator, u64be(nonce));

/** The auction that an operation is about, or makes; null: none. */
export function auctionOfOperation(network: Network, { authority, body }: SignedPart): AuctionId | null {
  if (body.kind === "createAuction") return auctionIdOf(network, authority!.from, authority!.nonce);
  return "auction" in body ? body.auction : null;
}

export function signOperation(
  network: Network,
  authority: Omit<Authority, "from">,
  body: OperationBody,
  signer: Signer,
): Operation {
  const { chain, market } = network;
  const part = { v: 1, chain, market, authority: { from: signer.publicKey, ...authority }, body };
  return { ...part, sig: signer.sign(operationId(part)) };
}

/** An operation that needs no sender. @param body of a self-proving kind, or no peer will decode the result */
export const selfProving = (network: Network, body: OperationBody): Operation => ({
  v: 1,
  chain: network.chain,
  market: network.market,
  authority: null,
  body,
  sig: null,
});

/** Whether the signature, where there must be one, is the sender's. */
export const signatureHolds = (op: Operation, verifier: Verifier): boolean =>
  op.authority === null || verifier.verify(op.authority.from, operationId(op), op.sig!);
