// Real inputs: everything that was said and written in one small run, with an auction, a lost member and a late one.
import { type Bytes, fromHex, toHex } from "../../src/base/index.js";
import { encodeOperation, selfProving, signOperation } from "../../src/market/index.js";
import { type Outgoing, ownWitnessKey, type Peer } from "../../src/peer/index.js";
import {
  decodeMessage,
  encodeEvidence,
  encodeMessage,
  entryIdOf,
  type Header,
  proposalEvidence,
  proposeDigest,
  type QuorumMessage,
  type Vote,
  voteDigest,
  voteEvidence,
} from "../../src/quorum/index.js";
import {
  bidding,
  Cluster,
  creation,
  ended,
  idOf,
  keyOf,
  opened,
  operationsIn,
  placed,
} from "../peer/cluster.js";

export interface RealInputs {
  readonly messages: readonly Bytes[];
  readonly operations: readonly Bytes[];
  readonly evidence: readonly Bytes[];
  readonly genesis: Bytes;
  /** one host's disk */
  readonly rows: ReadonlyMap<string, Bytes>;
  readonly guards: readonly Bytes[];
  readonly auction: string;
  readonly cluster: Cluster;
  /** a peer that stopped hearing the others a while ago, and what became final since, as gossip brings it */
  readonly behind: Peer;
  readonly finals: readonly Bytes[];
}

/** Of one kind of message, and of rows of one kind: the rest is like them. */
const OF_A_KIND = 6;
const MAX_SEED_BYTES = 6_000;

let known: RealInputs | null = null;

/** One run for all that ask. */
export function realInputs(): RealInputs {
  known ??= lived();
  return known;
}

function lived(): RealInputs {
  const cluster = new Cluster({ agents: [["sue"], ["bo"], ["cy"], ["di"], ["follower"]], seats: 4 });
  const guards = new Map<string, Bytes>();
  for (const host of cluster.hosts) {
    host.onBatch = () =>
      host.guard !== null && guards.set(`${host.index} ${guards.size % OF_A_KIND}`, host.guard);
  }
  cluster.run(1500);
  const auction = opened(cluster, "sue", { hiddenReserve: 20n, bond: 1_000_000n, reserve: 10n });
  placed(cluster, "bo", auction, 500n);
  placed(cluster, "cy", auction, 700n);
  cluster.command(cluster.homeOf("di"), { kind: "transfer", from: idOf("di"), to: idOf("bo"), amount: 5n });
  cluster.command(cluster.homeOf("di"), bidding("di", auction, 900n));
  cluster.command(cluster.homeOf("bo"), creation("bo", { startInMs: 60_000 }));
  cluster.run(400);
  cluster.crash(cluster.host(3));
  cluster.run(4000);
  cluster.restart(cluster.host(3));
  ended(cluster, auction);
  cluster.run(3000);
  const last = cluster.host(4);
  const behind = last.live;
  const before = behind.tip.height;
  cluster.crash(last);
  cluster.run(3000);
  const sent = cluster.hosts.flatMap((host) => host.sent);
  const disk = cluster.host(0).rows;
  return {
    messages: messagesIn(sent),
    operations: distinct([
      ...operationsIn(sent).map(encodeOperation),
      ...otherOperations(cluster, fromHex(toHex(auction))!),
    ]),
    evidence: faults(cluster, sent),
    genesis: cluster.genesisBytes,
    rows: disk,
    guards: [...guards.values()],
    auction: toHex(auction),
    cluster,
    behind,
    finals: finalsAbove(sent, before),
  };
}

function finalsAbove(sent: readonly Outgoing[], height: number): readonly Bytes[] {
  const finals = sent.flatMap((one) => (one.to === "topic" && one.topic === "final" ? [one.bytes] : []));
  return finals.filter((bytes) => {
    const decoded = decodeMessage(bytes);
    return decoded.ok && decoded.value.kind === "final" && decoded.value.header.height > height;
  });
}

function messagesIn(sent: readonly Outgoing[]): readonly Bytes[] {
  const byKind = new Map<string, Bytes[]>();
  for (const one of sent) {
    const bytes =
      one.to === "topic" ? (one.topic === "final" ? one.bytes : null) : encodeMessage(one.message);
    if (bytes === null || bytes.length > MAX_SEED_BYTES) continue;
    const kind = one.to === "topic" ? "final" : kindOf(one.message);
    const alike = byKind.get(kind) ?? [];
    alike.push(bytes);
    byKind.set(kind, alike);
  }
  return [...byKind.values()].flatMap((alike) => distinct(alike).slice(-OF_A_KIND));
}

function kindOf(message: QuorumMessage): string {
  if (message.kind === "vote") return `vote ${message.vote.type}`;
  return message.kind === "propose"
    ? `propose ${message.propose.parentCert?.type} ${message.propose.entry.ops.length > 0}`
    : message.kind;
}

const distinct = (all: readonly Bytes[]): Bytes[] => [
  ...new Map(all.map((one) => [toHex(one), one])).values(),
];

/** Operations of kinds that the run had no need of. */
function otherOperations(cluster: Cluster, auction: Bytes): Bytes[] {
  const { network } = cluster.host(0).live.ledger;
  const authority = { nonce: 0, fee: 1000n, validUntilMs: cluster.nowMs + 60_000 };
  const [evidence] = faults(
    cluster,
    cluster.hosts.flatMap((host) => host.sent),
  );
  return [
    encodeOperation(
      signOperation(
        network,
        authority,
        { kind: "grant", to: idOf("bo"), free: 7n, stake: 1n },
        keyOf("faucet"),
      ),
    ),
    encodeOperation(signOperation(network, authority, { kind: "bond", amount: 7n }, keyOf("sue"))),
    encodeOperation(signOperation(network, authority, { kind: "unbond", amount: 7n }, keyOf("sue"))),
    encodeOperation(signOperation(network, authority, { kind: "cancel", auction }, keyOf("sue"))),
    encodeOperation(selfProving(network, { kind: "evidence", evidence: evidence! })),
    encodeOperation(
      selfProving(network, { kind: "openReserve", auction, reserve: 20n, salt: new Uint8Array(32) }),
    ),
  ];
}

/** Evidence of each kind against seat 0, truly signed. */
function faults(cluster: Cluster, sent: readonly Outgoing[]): Bytes[] {
  const { electorate, voter } = cluster.host(0).live;
  const { chain, market } = cluster.host(0).live.ledger.network;
  const proposal = sent.flatMap((one) =>
    "message" in one && one.message.kind === "propose" ? [one.message.propose.entry] : [],
  )[0]!;
  const seat = proposal.header.leader;
  const key = cluster.hosts
    .map((_, i) => keyOf(`seat ${i}`))
    .find((one) => electorate.seatOf(one.publicKey) === seat)!;
  const vote = (type: Vote["type"], entryId: Bytes): Vote => ({
    type,
    epoch: 0,
    setHash: electorate.setHash,
    term: 3,
    entryId,
    signer: seat,
    sig: key.sign(voteDigest(voter.domain, type, 3, entryId)),
  });
  const [a, b, none] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2), new Uint8Array(32)];
  const again = (header: Header) => ({ header, leaderSig: key.sign(proposeDigest(entryIdOf(header))) });
  const { header } = proposal;
  return [
    voteEvidence(vote("ack", a), vote("ack", b)),
    voteEvidence(vote("skip", none), vote("commit", b)),
    voteEvidence(vote("ack", a), vote("commit", b)),
    voteEvidence(vote("commit", a), vote("commit", b)),
    proposalEvidence(again({ ...header, chain, market }), again({ ...header, timeMs: header.timeMs + 1 })),
  ].flatMap((one) => (one === null ? [] : [encodeEvidence(one)]));
}

/** Values of rows whose keys begin with `prefix`, on all disks. */
export function rowsUnder(prefix: string): readonly Bytes[] {
  const { cluster } = realInputs();
  const values = cluster.hosts.flatMap(({ rows }) =>
    [...rows]
      .filter(([key, value]) => key.startsWith(prefix) && value.length <= MAX_SEED_BYTES)
      .map(([, value]) => value),
  );
  return distinct(values).slice(-2 * OF_A_KIND);
}

export const witnessRow = (): Bytes => realInputs().rows.get(ownWitnessKey(realInputs().auction))!;
