// The opening of a stream of a trade, both ends of it: who acts for whom, proven to this very peer (spec/handover#O1).
import { randomBytes } from "node:crypto";
import {
  giverOf,
  type Knock,
  knock,
  knockAnswer,
  knockDigest,
  knockProof,
  type Opening,
  type Part,
  type Parties,
  type Side,
  takerOf,
} from "../../src/handover/index.js";
import { type AgentKey, type Bytes, encode, equalBytes, type Hash } from "../../src/index.js";
import type { FrameStream } from "../net/frame-stream.js";
import type { AsyncVerifier } from "../net/ports.js";
import { boxOf } from "./seal.js";
import { readStep, StepFault, sendStep, theirRefusal } from "./steps.js";

/** What an end knows of the trade and of itself. */
export interface Doorway {
  readonly chain: Hash;
  readonly market: Hash;
  readonly verifier: AsyncVerifier;
  /** null: there is no such trade */
  partiesOf(trade: Hash): Parties | null;
  /** null: this peer does not act for that agent */
  keyOf(agent: Bytes): AgentKey | null;
}

/** A stream whose ends have proven themselves. */
export interface Opened {
  readonly trade: Hash;
  readonly parties: Parties;
  /** the parties that this end and the other act for */
  readonly own: AgentKey;
  readonly other: Bytes;
  readonly otherBox: Bytes;
}

/** The other party of the two. */
const otherOf = ({ performer, buyer }: Parties, agent: Bytes): Bytes =>
  equalBytes(agent, performer) ? buyer : performer;
const isParty = ({ performer, buyer }: Parties, agent: Bytes): boolean =>
  equalBytes(agent, performer) || equalBytes(agent, buyer);

export const gives = ({ own, parties }: Opened, part: Part): boolean =>
  equalBytes(own.publicKey, giverOf(part, parties));
export const takes = ({ own, parties }: Opened, part: Part): boolean =>
  equalBytes(own.publicKey, takerOf(part, parties));

/** Opens as the party whose key is `own`. @throws StepFault with the other side's code, or BAD_PROOF; FrameError */
export async function knockAs(
  frames: FrameStream,
  doorway: Doorway,
  own: AgentKey,
  trade: Hash,
  peers: { readonly self: Bytes; readonly remote: Bytes },
): Promise<Opened> {
  const parties = doorway.partiesOf(trade);
  if (parties === null || !isParty(parties, own.publicKey)) throw new StepFault("NOT_A_PARTY", false);
  const other = otherOf(parties, own.publicKey);
  const said: Knock = {
    v: 1,
    trade,
    agent: own.publicKey,
    box: boxOf(own).publicKey,
    nonce: randomBytes(32),
  };
  frames.send(encode(knock, said));
  const answer = await readStep(frames, knockAnswer);
  if (answer.kind === "refused") throw theirRefusal(answer.code);
  const opening: Opening = {
    chain: doorway.chain,
    market: doorway.market,
    trade,
    openerPeer: peers.self,
    responderPeer: peers.remote,
    openerAgent: own.publicKey,
    responderAgent: other,
    openerBox: said.box,
    responderBox: answer.box,
    openerNonce: said.nonce,
    responderNonce: answer.nonce,
  };
  await mustHold(doorway, "responder", opening, answer.sig);
  frames.send(encode(knockProof, { sig: own.sign(knockDigest("opener", opening)) }));
  return { trade, parties, own, other, otherBox: answer.box };
}

/** Answers who knocks. @throws StepFault: the other side has been told, unless its words were none; FrameError */
export async function answerKnock(
  frames: FrameStream,
  doorway: Doorway,
  peers: { readonly self: Bytes; readonly remote: Bytes },
): Promise<Opened> {
  const said = await readStep(frames, knock);
  const parties = doorway.partiesOf(said.trade);
  if (parties === null) throw await turnedAway(frames, "TRADE_UNKNOWN");
  if (!isParty(parties, said.agent)) throw await turnedAway(frames, "NOT_A_PARTY");
  const own = doorway.keyOf(otherOf(parties, said.agent));
  if (own === null) throw await turnedAway(frames, "NOT_SERVED_HERE");
  const opening: Opening = {
    chain: doorway.chain,
    market: doorway.market,
    trade: said.trade,
    openerPeer: peers.remote,
    responderPeer: peers.self,
    openerAgent: said.agent,
    responderAgent: own.publicKey,
    openerBox: said.box,
    responderBox: boxOf(own).publicKey,
    openerNonce: said.nonce,
    responderNonce: randomBytes(32),
  };
  const sig = own.sign(knockDigest("responder", opening));
  const { responderBox, responderNonce } = opening;
  frames.send(encode(knockAnswer, { kind: "welcome", box: responderBox, nonce: responderNonce, sig }));
  const proof = await readStep(frames, knockProof);
  await mustHold(doorway, "opener", opening, proof.sig);
  return { trade: said.trade, parties, own, other: said.agent, otherBox: said.box };
}

/** Tells why, and gives what to end the stream with. */
export async function turnedAway(frames: FrameStream, code: string): Promise<StepFault> {
  await sendStep(frames, encode(knockAnswer, { kind: "refused", code }));
  return new StepFault(code, false);
}

async function mustHold(doorway: Doorway, side: Side, opening: Opening, sig: Bytes): Promise<void> {
  const key = side === "opener" ? opening.openerAgent : opening.responderAgent;
  const verdict = await doorway.verifier.verifyAsync(key, knockDigest(side, opening), sig);
  if (verdict === "overloaded") throw new StepFault("BUSY", false);
  if (verdict !== "valid") throw new StepFault("BAD_PROOF", true);
}
