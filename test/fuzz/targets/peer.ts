// Target: three honest peers in the middle of an auction, told whatever the fourth's keys can sign and anything else.
import { type Bytes, equalBytes, toHex } from "../../../src/base/index.js";
import { conservation } from "../../../src/ledger/index.js";
import { decodeOperation, encodeOperation, operationId, SLASHES } from "../../../src/market/index.js";
import { decodeMessage, encodeMessage } from "../../../src/quorum/index.js";
import { Cluster, type Host, idOf, keyOf, opened, placed } from "../../peer/cluster.js";
import { knownKeys } from "../known-keys.js";
import { mustHold, type Target } from "../target.js";
import { type Blow, decodeScript, frameOf, inventScript, REMEMBERED, Sightings, seatOf } from "./script.js";

const BLOWS = 200;
const HONEST = [0, 1, 2];
const CULPRIT_HOST = 3;
const HEAL_MS = 15_000;
const HEALED_ENTRIES = 3;
const MAX_WAITING = 20_000;

interface Running {
  readonly cluster: Cluster;
  /** what was said last, encoded: to members and peers, and as gossip of operations */
  readonly frames: Bytes[];
  readonly operations: Bytes[];
}

function begun(): Running {
  const agents = [["sue"], ["bo"], ["cy"], ["di"]];
  const cluster = new Cluster({ agents, seats: 4, judge: knownKeys });
  const [frames, operations]: [Bytes[], Bytes[]] = [[], []];
  for (const host of cluster.hosts) {
    host.onBatch = ({ ready }) => {
      for (const one of ready.send) {
        if (one.to === "topic") (one.topic === "final" ? frames : operations).push(one.bytes);
        else frames.push(encodeMessage(one.message));
      }
      for (const kept of [frames, operations]) kept.splice(0, Math.max(0, kept.length - REMEMBERED));
    };
  }
  const auction = opened(cluster, "sue");
  placed(cluster, "bo", auction, 500n);
  placed(cluster, "cy", auction, 700n);
  cluster.command(cluster.homeOf("di"), { kind: "transfer", from: idOf("di"), to: idOf("bo"), amount: 5n });
  cluster.run(50);
  return { cluster, frames, operations };
}

const sightings = new Sightings();

function lived(blows: readonly Blow[]): string {
  const running = begun();
  const { cluster } = running;
  for (const one of blows) {
    cluster.run(one.waitMs);
    strike(running, one);
  }
  const hosts = HONEST.map((at) => cluster.host(at));
  const heights = hosts.map((host) => host.live.tip.height);
  const goesOn = cluster.run(HEAL_MS, () =>
    hosts.every((host, i) => host.live.tip.height >= heights[i]! + HEALED_ENTRIES),
  );
  for (const host of hosts) isSound(host, cluster);
  mustHold(goesOn, "liveness did not return");
  return `ok ${sightings.count}`;
}

function strike({ cluster, frames, operations }: Running, one: Blow): void {
  const host = cluster.host(one.to);
  const isOperation = one.seed % 3 === 0;
  const before = host.steps.length;
  if (isOperation) {
    const bytes = resigned(
      frameOf(one, operations, (raw) => decodeOperation(raw).ok),
      one.seed,
    );
    cluster.handOver(host, bytes);
    if (host.steps.length === before) return;
  } else {
    const decoded = decodeMessage(frameOf(one, frames, (raw) => decodeMessage(raw).ok));
    if (!decoded.ok) return;
    const seat = seatOf(one);
    cluster.feed(host, { kind: "message", from: `host ${CULPRIT_HOST}`, seat, message: decoded.value });
  }
  const { ready } = host.steps[before]!;
  sightings.note(
    `${isOperation} ${ready.notify.map((notice) => (notice.kind === "refused" ? notice.code : notice.kind)).join()} ${Math.min(3, ready.persist.length)} ${ready.send.map(({ to }) => to).join()}`,
  );
}

/** Half of the operations are the culprit's own again, with whatever they say now. */
function resigned(raw: Bytes, seed: number): Bytes {
  const decoded = decodeOperation(raw);
  if (seed % 2 === 0 || !decoded.ok || decoded.value.authority === null) return raw;
  const key = keyOf("di");
  const operation = { ...decoded.value, authority: { ...decoded.value.authority, from: key.publicKey } };
  return encodeOperation({ ...operation, sig: key.sign(operationId(operation)) });
}

function isSound(host: Host, cluster: Cluster): void {
  const { halted, ledger, tip, mempool } = host.live;
  mustHold(halted === null, `host ${host.index} halted: ${halted}`);
  for (const { agent } of ledger.table(SLASHES).values()) {
    mustHold(equalBytes(agent, idOf(`owner ${CULPRIT_HOST}`)), `the honest ${toHex(agent)} was slashed`);
  }
  const other = cluster.host(0).log();
  const own = host.log();
  const common = Math.min(own.length, other.length);
  mustHold(
    own.slice(0, common).every((entry, i) => equalBytes(entry.header.opsRoot, other[i]!.header.opsRoot)),
    `host ${host.index} has another log`,
  );
  mustHold(conservation(ledger).holds, `host ${host.index} made or lost money`);
  mustHold(tip.height === own.length, "executed is what is final");
  mustHold(mempool.size <= MAX_WAITING, `${mempool.size} operations wait`);
}

export const PEER: Target = {
  name: "peer",
  share: 0.5,
  trials: 150,
  seeds: () => [],
  invent: (random) => inventScript(random, BLOWS),
  size: (input) => Math.max(1, decodeScript(input).length),
  take: (input) => lived(decodeScript(input)),
};
