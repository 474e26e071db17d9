// Where the network meets the peer: what it hands in becomes an event, what it asks is read from the peer.
import { setTimeout as wait } from "node:timers/promises";
import { type Bytes, equalBytes, type Verifier } from "../src/index.js";
import { isGrounded } from "../src/market/index.js";
import { isWanted, judgeOf, judgeOperation, type Peer } from "../src/peer/index.js";
import {
  entryIdOf,
  finalProofOf,
  judgeCertificateShape,
  type QuorumMessage,
  voteDigest,
  voteDomain,
} from "../src/quorum/index.js";
import { questionsInBodies } from "./admission/in-bodies.js";
import { type Judge, MemberAdmission } from "./admission/member-admission.js";
import { weightOf } from "./driver/message-weight.js";
import type { Driver } from "./driver.js";
import { type Faucet, FaucetDesk } from "./faucet.js";
import type { GateHandlers, GateVerifier } from "./net/gate-port.js";
import type { Acceptance, NetworkHandlers, StateVerdict } from "./net/index.js";
import { onceKnown, type Soon } from "./net/soon.js";

export interface GateParts {
  readonly peer: Peer;
  readonly driver: Pick<Driver, "offer">;
  readonly nowMs: () => number;
  readonly verifier: Verifier & GateVerifier;
}

export interface HandlerParts extends GateParts {
  readonly driver: Pick<Driver, "offer" | "submit">;
  readonly verifier: Verifier & Judge;
  readonly genesisBytes: Bytes;
  readonly serving: Pick<NetworkHandlers, "serveLog" | "snapshot" | "snapshotRows">;
  readonly onLogPruned: NetworkHandlers["onLogPruned"];
  /** the faucet this peer holds; null: none */
  readonly faucet: Faucet | null;
}

/** How long a connection whose share of the driver's queue is full is not read from. */
const FULL_QUEUE_MS = 50;

export function networkHandlers(parts: HandlerParts): NetworkHandlers {
  const { peer, driver, nowMs, genesisBytes, serving, onLogPruned } = parts;
  const { faucet } = parts;
  const desk = faucet === null ? null : new FaucetDesk(faucet, peer, driver, () => performance.now());
  const admission = new MemberAdmission(
    () => peer.voter,
    parts.verifier,
    nowMs,
    (message) => questionsInBodies(peer, message),
    ({ from, seat, message }, look) => {
      if (driver.offer({ kind: "message", from, seat, message }, weightOf(message), undefined, look)) return;
      return wait(FULL_QUEUE_MS); // the stream it came on is read more slowly
    },
  );
  return {
    onMessage: (from, seat, message) => admission.take({ from, seat, message }),
    ...gateHandlers(parts),
    onConnected(from) {
      driver.offer({ kind: "connected", from }, 0);
    },
    onDisconnected() {},
    onLogPruned,
    ...serving,
    faucet: desk === null ? null : (agent, asker) => desk.fund(agent, asker),
    genesis: () => genesisBytes,
    height: () => peer.tip.height,
    finalProof: () => finalProofOf(peer.voter),
  };
}

/** What the gate asks of a peer and hands to its driver: the daemon's, and that of every world in which gates stand. */
export function gateHandlers(parts: GateParts): GateHandlers {
  const { peer, driver, nowMs } = parts;
  return {
    onOperation(operation, bytes, from, settle) {
      const event = { kind: "operation", from, operation, bytes } as const;
      if (!driver.offer(event, bytes.length, settle)) settle("full");
    },
    onFinal: (from, message) =>
      driver.offer({ kind: "message", from, seat: null, message }, weightOf(message)),
    judgeOperation(operation): StateVerdict {
      const verdict = judgeOperation(peer, operation, nowMs());
      if (verdict.kind === "accept") return verdict;
      const { code } = verdict.rejection;
      if (verdict.kind === "later")
        return { kind: "later", code, grounded: isGrounded(peer.ledger, operation) };
      return { kind: verdict.kind === "refuse" ? "reject" : "ignore", code };
    },
    judgeFinal: (message, slowed) => judgeFinal(parts, message, slowed),
    judgeEvidence: (evidence, slowed) => judgeEvidence(parts, evidence, slowed),
  };
}

/** The certificate must be one, and certify this very header; signatures are checked off the main thread. */
function judgeFinal(
  { peer, verifier }: GateParts,
  { header, cert }: Extract<QuorumMessage, { kind: "final" }>,
  slowed: () => void,
): Soon<Acceptance> {
  if (header.height <= peer.tip.height) return "ignore";
  const electorate = peer.epochs.electorateOf(cert.epoch);
  if (electorate === null) return "ignore"; // of a time that is not known here: nobody's fault
  const { chain, market } = peer.ledger.network;
  if (cert.type !== "commit" || !equalBytes(cert.entryId, entryIdOf(header))) return "reject";
  if (!judgeCertificateShape(cert, electorate, peer.config.rules).ok) return "reject";
  const digest = voteDigest(voteDomain(electorate, chain, market), cert.type, cert.term, cert.entryId);
  const asked = cert.signers.map(
    (signer, i): Question => [electorate.set.members[signer]!.key, digest, cert.sigs[i]!],
  );
  return onceKnown(firstBad(verifier, asked, slowed), (bad) => {
    if (bad === null) return "accept";
    return bad === "invalid" ? "reject" : "later";
  });
}

type Question = Parameters<Verifier["verify"]>;

/** The verdict on the first signature that is not valid, one asked after the other; null: all are. */
function firstBad(
  verifier: GateVerifier,
  asked: readonly Question[],
  slowed: () => void,
  at = 0,
): Soon<"invalid" | "overloaded" | null> {
  for (let i = at; i < asked.length; i++) {
    const verdict = verifier.verifyAsync(...asked[i]!, slowed);
    if (verdict instanceof Promise) {
      return verdict.then((known) => (known === "valid" ? firstBad(verifier, asked, slowed, i + 1) : known));
    }
    if (verdict !== "valid") return verdict;
  }
  return null;
}

/**
 * What the judge of evidence will ask is asked ahead of it, off the main thread, so that it only remembers. It is asked
 * as if every signature held, and goes no further than the first that does not; a flaw may be just that (E6). Before
 * that the state is asked whether the conviction is wanted at all, for a seat that has lost everything may sign for ever.
 */
function judgeEvidence(
  { peer, verifier, nowMs }: GateParts,
  evidence: Bytes,
  slowed: () => void,
): Soon<Acceptance> {
  const { electorate, ledger, config } = peer;
  const asked: Question[] = [];
  const listening: Verifier = { verify: (...question) => asked.push(question) > 0 };
  const faultBy = (by: Verifier) =>
    judgeOf(electorate, ledger.network, ledger.params, by, config.rules)(evidence);
  const claimed = faultBy(listening);
  if (claimed === null && asked.length === 0) return "reject";
  if (claimed !== null && !isWanted(peer, claimed, nowMs())) return "ignore";
  return onceKnown(firstBad(verifier, asked, slowed), (bad) => {
    if (bad === "overloaded") return "later";
    const fault = faultBy(verifier);
    if (fault === null) return "reject";
    return isWanted(peer, fault, nowMs()) ? "accept" : "ignore";
  });
}
