// Operations as they travel, and what their kind tells of them.
import {
  type Bytes,
  type DecodeError,
  decode,
  encode,
  type Hash,
  lawful,
  optional,
  type Result,
  signature,
  struct,
  type TypeOf,
} from "../base/index.js";
import { type Signer, taggedHash, type Verifier } from "../crypto/index.js";
import { type Authority, envelopeOf, type Lane, type Network } from "../ledger/index.js";
import type { AuctionId } from "./auction/id.js";
import type { Form, Proven, Signature, Signed } from "./subject.js";
import {
  type Fact,
  type OperationBody,
  type OperationKind,
  operationBody,
  type RejectionCode,
  RULEBOOK,
} from "./subjects.js";

/** One operation's bytes (spec/log#V3). */
export const MAX_OPERATION_BYTES = 64 * 1024;

export const laneOf = (kind: OperationKind): Lane => RULEBOOK[kind].lane;
/** No nonce, signature, validUntil or fee; once per target, by anyone. */
export const provesItself = (kind: OperationKind): boolean => RULEBOOK[kind].by === "itself";

const unsigned = envelopeOf(operationBody);
const signedPart = struct(unsigned);

export const operation = lawful(
  struct({ ...unsigned, sig: [5, optional(signature)] }),
  (op) =>
    provesItself(op.body.kind)
      ? op.authority === null && op.sig === null
      : op.authority !== null && op.sig !== null,
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

/** An operation that needs no sender. @param body of a kind that proves itself, or no peer will decode the result */
export const selfProving = (network: Network, body: OperationBody): Operation => ({
  v: 1,
  chain: network.chain,
  market: network.market,
  authority: null,
  body,
  sig: null,
});

/** The signatures of an operation: its sender's, and of whoever must have agreed to it. None: it proves itself. */
export function signaturesOf(op: Operation): readonly Signature[] {
  const { authority, body, sig } = op;
  if (authority === null || sig === null) return [];
  const own = { key: authority.from, digest: operationId(op), sig };
  const agreed = signedForm(body)?.agreed(op, authority.from, body) ?? null;
  return agreed === null ? [own] : [own, agreed];
}

/** Whether every signature is that of whose it must be. */
export const signatureHolds = (op: Operation, verifier: Verifier): boolean =>
  signaturesOf(op).every(({ key, digest, sig }) => verifier.verify(key, digest, sig));

/** The form of a body's kind. The compiler does not see that kind and body belong together; here they do. */
export const formOf = (body: OperationBody): Form<OperationBody, RejectionCode, Fact> =>
  RULEBOOK[body.kind] as unknown as Form<OperationBody, RejectionCode, Fact>;

/** The form of a body whose kind its sender signs; null: it proves itself. */
export function signedForm(body: OperationBody): Signed<OperationBody, RejectionCode, Fact> | null {
  const form = formOf(body);
  return form.by === "sender" ? form : null;
}

/** The form of a body whose kind proves itself; null: its sender signs it. */
export function provenForm(body: OperationBody): Proven<OperationBody, RejectionCode, Fact> | null {
  const form = formOf(body);
  return form.by === "itself" ? form : null;
}

/** The auction that an operation is about, or makes; null: none. */
export function auctionOfOperation(network: Network, { authority, body }: SignedPart): AuctionId | null {
  const form = formOf(body);
  return form.by === "itself" ? form.about(body) : form.about(body, authority!, network);
}

/** Evidence of the quorum that an operation carries; null: none. */
export const evidenceIn = (body: OperationBody): Bytes | null => provenForm(body)?.evidence(body) ?? null;

/** The gossip topic of an operation. */
export const topicOf = (body: OperationBody): "ops" | "evidence" => provenForm(body)?.topic ?? "ops";

/** Openings of bids and reserves: what proves itself about an auction. */
export const openingsAmong = (ops: readonly Operation[]): number =>
  ops.filter(({ body }) => (provenForm(body)?.about(body) ?? null) !== null).length;

export const criticalAmong = (ops: readonly Operation[]): number =>
  ops.filter((one) => laneOf(one.body.kind) === "critical").length;
