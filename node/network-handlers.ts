// Where the network meets the peer: what it hands in becomes an event, what it asks is read from the peer.
import { setTimeout as wait } from "node:timers/promises";
import { type Bytes, equalBytes, type Verifier } from "../src/index.js";
import { judgeOf, judgeOperation, type Peer } from "../src/peer/index.js";
import {
  entryIdOf,
  judgeCertificateShape,
  type QuorumMessage,
  voteDigest,
  voteDomain,
} from "../src/quorum/index.js";
import { type Judge, MemberAdmission } from "./admission/member-admission.js";
import { weightOf } from "./driver/message-weight.js";
import type { Driver } from "./driver.js";
import { type Faucet, FaucetDesk } from "./faucet.js";
import type { Acceptance, NetworkHandlers, StateVerdict } from "./net/index.js";

export interface HandlerParts {
  readonly peer: Peer;
  readonly driver: Pick<Driver, "offer" | "submit">;
  readonly nowMs: () => number;
  readonly verifier: Verifier & Judge;
  readonly genesisBytes: Bytes;
  readonly serveLog: (fromHeight: number, max: number) => Promise<Bytes>;
  /** the faucet this peer holds; null: none */
  readonly faucet: Faucet | null;
}

/** How long a connection whose share of the driver's queue is full is not read from. */
const FULL_QUEUE_MS = 50;

export function networkHandlers(parts: HandlerParts): NetworkHandlers {
  const { peer, driver, nowMs, genesisBytes, serveLog } = parts;
  const { faucet } = parts;
  const desk = faucet === null ? null : new FaucetDesk(faucet, peer, driver, () => performance.now());
  const admission = new MemberAdmission(
    () => peer.voter,
    parts.verifier,
    nowMs,
    ({ from, seat, message }) => {
      if (driver.offer({ kind: "message", from, seat, message }, weightOf(message))) return;
      return wait(FULL_QUEUE_MS); // the stream it came on is read more slowly
    },
  );
  return {
    onMessage: (from, seat, message) => admission.take({ from, seat, message }),
    onOperation(operation, bytes) {
      driver.offer({ kind: "operation", operation, bytes }, bytes.length);
    },
    judgeOperation(operation): StateVerdict {
      const verdict = judgeOperation(peer, operation, nowMs());
      switch (verdict.kind) {
        case "accept":
          return verdict;
        case "later":
          return { kind: "ignore", code: verdict.rejection.code };
        case "ignore":
        case "refuse":
          return { kind: "ignore", code: verdict.rejection.code, hopeless: true };
      }
    },
    judgeFinal: (message, slowed) => judgeFinal(parts, message, slowed),
    judgeEvidence: (evidence, slowed) => judgeEvidence(parts, evidence, slowed),
    onConnected(from) {
      driver.offer({ kind: "connected", from }, 0);
    },
    onDisconnected() {},
    serveLog,
    faucet: desk === null ? null : (agent, asker) => desk.fund(agent, asker),
    genesis: () => genesisBytes,
    height: () => peer.tip.height,
  };
}

/** The certificate must be one, and certify this very header; signatures are checked off the main thread. */
async function judgeFinal(
  { peer, verifier }: HandlerParts,
  { header, cert }: Extract<QuorumMessage, { kind: "final" }>,
  slowed: () => void,
): Promise<Acceptance> {
  if (header.height <= peer.tip.height) return "ignore";
  const { electorate } = peer;
  const { chain, market } = peer.ledger.network;
  if (cert.type !== "commit" || !equalBytes(cert.entryId, entryIdOf(header))) return "reject";
  if (!judgeCertificateShape(cert, electorate).ok) return "reject";
  const digest = voteDigest(voteDomain(electorate, chain, market), cert.type, cert.term, cert.entryId);
  for (const [i, signer] of cert.signers.entries()) {
    const { key } = electorate.set.members[signer]!;
    const verdict = await verifier.verifyAsync(key, digest, cert.sigs[i]!, slowed);
    if (verdict !== "valid") return verdict === "invalid" ? "reject" : "ignore";
  }
  return "accept";
}

/**
 * What the judge of evidence will ask is asked ahead of it, off the main thread, so that it only remembers. It is asked
 * as if every signature held, and goes no further than the first that does not; a flaw may be just that (E6).
 */
async function judgeEvidence(
  { peer, verifier }: HandlerParts,
  evidence: Bytes,
  slowed: () => void,
): Promise<Acceptance> {
  const { electorate, ledger } = peer;
  const asked: Parameters<Verifier["verify"]>[] = [];
  const listening: Verifier = { verify: (...question) => asked.push(question) > 0 };
  const unsigned = judgeOf(electorate, ledger.network, ledger.params, listening)(evidence);
  if (unsigned === null && asked.length === 0) return "reject";
  for (const [key, digest, sig] of asked) {
    const verdict = await verifier.verifyAsync(key, digest, sig, slowed);
    if (verdict === "overloaded") return "ignore";
    if (verdict === "invalid") break;
  }
  return judgeOf(electorate, ledger.network, ledger.params, verifier)(evidence) === null
    ? "reject"
    : "accept";
}
