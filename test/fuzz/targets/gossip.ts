// Targets: the three gossip topics, through the gate and the daemon's own handlers, to Accept, Ignore or Reject.
import { BundleVerdict, decodeBundle, encodeBundle } from "../../../node/net/bundle.js";
import type { Verdict } from "../../../node/net/gate-port.js";
import { type Bytes, equalBytes } from "../../../src/base/index.js";
import {
  decodeOperation,
  encodeOperation,
  type Operation,
  operationId,
  selfProving,
  signatureHolds,
  signOperation,
} from "../../../src/market/index.js";
import type { Topic } from "../../../src/peer/index.js";
import { decodeMessage, encodeMessage, entryIdOf, verifyCertificate } from "../../../src/quorum/index.js";
import type { Random } from "../../../testnet/lab/simulate/world/random.js";
import { idOf, keyOf } from "../../peer/cluster.js";
import { keyBehind, knownKeys } from "../known-keys.js";
import { mutated, sampleOf } from "../mutate.js";
import { realInputs } from "../real.js";
import { mustHold, type Signal, type Target } from "../target.js";
import { peerSide } from "./peer-side.js";

/** What the relayer could have seen itself: only for these is a message rejected. */
const REJECTIONS = [
  "TRUNCATED",
  "TRAILING",
  "OVERSIZE",
  "NOT_CANONICAL",
  "WRONG_TYPE",
  "OUT_OF_RANGE",
  "UNKNOWN_KEY",
  "MISSING_KEY",
  "WRONG_CHAIN",
  "FEE_BELOW_MINIMUM",
  "WRONG_MARKET",
  "WRONG_KIND",
  "BAD_SIGNATURE",
  "KNOWN_BAD",
  "EVIDENCE_REFUSED",
  "FINAL_REFUSED",
];

function verdictOn(topic: Topic, raw: Bytes, side = peerSide()): Promise<Verdict> {
  return new Promise((resolve) => {
    let id = 0;
    side.gate.receive({ topic, raw, from: "stranger", id: `gossip ${id++}` }, resolve);
  });
}

function gossipTarget(
  topic: Topic,
  share: number,
  seeds: () => readonly Bytes[],
  mayPass: (raw: Bytes) => boolean,
): Target {
  return {
    name: `gossip-${topic}`,
    share,
    seeds,
    ...(topic === "final" ? {} : { invent: (random: Random) => resigned(mutatedOf(seeds(), random)) }),
    take: async (raw) => judged(topic, raw, mayPass),
  };
}

async function judged(topic: Topic, raw: Bytes, mayPass: (raw: Bytes) => boolean): Promise<Signal> {
  const side = peerSide();
  const verdict = await verdictOn(topic, raw, side);
  // What is accepted reaches the peer once its signatures have been judged ahead of the step.
  if (verdict.kind === "accept") await new Promise((resolve) => setImmediate(resolve));
  const passed = side.offered.length > 0;
  if (verdict.kind === "accept") {
    mustHold(mayPass(raw), "accepted what is no good message of its topic");
    mustHold(passed, "accepted, and kept from the peer");
    return `ok ${topic}`;
  }
  mustHold(!passed, "handed to the peer what was not accepted");
  mustHold(/^[A-Z_]+$/.test(verdict.code), `a code like ${verdict.code}`);
  mustHold(
    verdict.kind !== "reject" || REJECTIONS.includes(verdict.code),
    `blames a relayer for ${verdict.code}`,
  );
  const again = await verdictOn(topic, raw, side);
  mustHold(again.kind !== "accept", "accepted at the second time only");
  return `${verdict.kind} ${verdict.code}`;
}

/** A bundle as the daemon takes it: what is handed to the peer, what goes on, and what the relayer is told. */
async function bundleJudged(raw: Bytes): Promise<Signal> {
  const side = peerSide();
  const decoded = decodeBundle(raw);
  if (!decoded.ok) return `no bundle ${decoded.error}`;
  const ops = decoded.value;
  mustHold(equalBytes(encodeBundle(ops), raw), "a bundle has one encoding");
  const freed: Bytes[] = [];
  const accepted = new Set<Bytes>();
  const bad: Verdict[] = [];
  const told: Verdict[] = [];
  const verdict = new BundleVerdict(
    ops,
    (one) => told.push(one),
    (one) => freed.push(one),
  );
  const left = new Set(ops.keys());
  await new Promise<void>((resolve) => {
    side.gate.receiveBundle(ops, "stranger", (at, one) => {
      if (one.kind === "accept") accepted.add(ops[at]!);
      if (one.kind === "reject") bad.push(one);
      verdict.take(at, one);
      left.delete(at);
      if (left.size === 0) resolve();
    });
  });
  await new Promise((resolve) => setImmediate(resolve));
  for (const one of accepted) mustHold(isSigned(one), "accepted what is no good operation");
  mustHold(side.offered.length === accepted.size, "the peer has what was accepted, each once");
  const isWhole = accepted.size === ops.length;
  mustHold(isWhole === (told[0]?.kind === "accept"), "gossip forwards what is accepted as a whole");
  mustHold(isWhole ? freed.length === 0 : freed.length === accepted.size, "what is accepted goes on, once");
  mustHold(
    freed.every((one) => accepted.has(one)),
    "nothing else goes on",
  );
  mustHold((told[0]?.kind === "reject") === bad.length > 0, "a bad operation is its relayer's fault");
  mustHold(
    bad.every((one) => one.kind !== "accept" && REJECTIONS.includes(one.code)),
    "blames for that",
  );
  return `${isWhole ? "ok" : "part"} ${told[0]?.kind ?? "open"} ${accepted.size > 0}`;
}

const bundles = (): readonly Bytes[] => {
  const made = operations();
  return [
    encodeBundle(made.slice(0, 1)),
    encodeBundle(made.slice(0, 3)),
    encodeBundle([...made.slice(2, 4), resigned(made[4]!)]),
    encodeBundle([made[0]!, Uint8Array.of(1), made[1]!]),
  ];
};

let fresh: readonly Bytes[] | null = null;

/** Operations that the peer would take now, and all of the run's, which came too late or have been done. */
function operations(): readonly Bytes[] {
  if (fresh !== null) return fresh;
  const { behind, cluster, operations: done } = realInputs();
  const made = ["bo", "di"].flatMap((name) => {
    const nonce = behind.ledger.accountOf(idOf(name))!.nonces.bulk;
    return [nonce, nonce + 5].map((at) =>
      encodeOperation(
        signOperation(
          behind.ledger.network,
          { nonce: at, fee: 100_000n, validUntilMs: cluster.nowMs + 60_000 },
          { kind: "transfer", to: idOf("sue"), amount: 3n },
          keyOf(name),
        ),
      ),
    );
  });
  fresh = [...made, ...done];
  return fresh;
}

const accusations = (): readonly Bytes[] => {
  const { behind, evidence } = realInputs();
  return evidence.map((one) =>
    encodeOperation(selfProving(behind.ledger.network, { kind: "evidence", evidence: one })),
  );
};

const mutatedOf = (seeds: readonly Bytes[], random: Random): Bytes =>
  mutated(sampleOf(random.pick(seeds)), random, sampleOf(random.pick(seeds)));

/** Signed anew by whoever it says it is from, if that key is known: what lies behind the signature is reached. */
function resigned(raw: Bytes): Bytes {
  const decoded = decodeOperation(raw);
  if (!decoded.ok || decoded.value.authority === null) return raw;
  const key = keyBehind(decoded.value.authority.from) ?? keyOf("di");
  const from = { ...decoded.value.authority, from: key.publicKey };
  const operation: Operation = { ...decoded.value, authority: from };
  return encodeOperation({ ...operation, sig: key.sign(operationId(operation)) });
}

const isSigned = (raw: Bytes): boolean => {
  const decoded = decodeOperation(raw);
  return decoded.ok && signatureHolds(decoded.value, knownKeys);
};

const isAccusation = (raw: Bytes): boolean => {
  const decoded = decodeOperation(raw);
  if (!decoded.ok || decoded.value.body.kind !== "evidence") return false;
  return realInputs().behind.judgeEvidence(decoded.value.body.evidence.slice()) !== null;
};

/** A final whose certificate a quorum signed: all of them were, for the honest sign no other. */
const isFinal = (raw: Bytes): boolean => {
  const decoded = decodeMessage(raw);
  if (!decoded.ok || decoded.value.kind !== "final") return false;
  const { header, cert } = decoded.value;
  const { electorate, ledger } = realInputs().behind;
  const { chain, market } = ledger.network;
  return (
    equalBytes(encodeMessage(decoded.value), raw) &&
    equalBytes(entryIdOf(header), cert.entryId) &&
    verifyCertificate(cert, electorate, chain, market, knownKeys).ok
  );
};

export const GOSSIP: readonly Target[] = [
  gossipTarget("ops", 2, operations, isSigned),
  { name: "gossip-bundle", share: 2, seeds: bundles, take: bundleJudged },
  gossipTarget("evidence", 1, accusations, isAccusation),
  gossipTarget("final", 1, () => realInputs().finals.slice(-12), isFinal),
];
