// The skeleton of an auction: the messages, signatures and synced batches of a real one, and nothing else.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../../node/store/level-store.js";
import { dialPlan } from "../../dialling.js";
import { bareHost, dialAll } from "../bare-host.js";
import { type Cost, costOf } from "../cost.js";
import { SkeletonPeer, verifyAside } from "../skeleton-peer.js";
import type { Trace } from "../trace.js";
import { until } from "../until.js";

const TOPICS = ["evidence", "final", "ops"];

export async function open() {
  const folder = await mkdtemp(join(tmpdir(), "mabeam-skeleton-"));
  let skeleton: Skeleton | null = null;
  return {
    jobs: {
      async build(trace: Trace): Promise<void> {
        skeleton = await Skeleton.build(trace, folder);
      },
      /** Plays the trace once. @param paced whether every action waits for its time in the real run, too */
      async play(input: { readonly paced: boolean }): Promise<Cost> {
        return skeleton!.play(input.paced);
      },
    },
    async close() {
      await skeleton?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

class Skeleton {
  private readonly peers: SkeletonPeer[] = [];
  private runs = 0;
  /** Distinct gossip messages of this run: the first peer to get one has it verified. */
  private readonly gossiped = new Set<number>();
  private verifying: Promise<void>[] = [];
  private verified = 0;

  private constructor(private readonly trace: Trace) {}

  static async build(trace: Trace, folder: string): Promise<Skeleton> {
    const skeleton = new Skeleton(trace);
    const { peers } = skeleton;
    for (let place = 0; place < trace.peers; place++) {
      const host = await bareHost(TOPICS);
      const store = await openStore(join(folder, `${place}`));
      peers.push(await SkeletonPeer.open(host, store, (id) => skeleton.onGossip(id)));
    }
    await dialAll(
      peers.map(({ host }) => host),
      dialPlan(trace.peers, trace.seats, 3),
    );
    for (let from = 0; from < trace.seats; from++) {
      for (let to = 0; to < trace.seats; to++) if (from !== to) await peers[from]!.link(to, peers[to]!);
    }
    await until("every mesh has formed", () => trace.peers < 2 || peers.every(isMeshed));
    return skeleton;
  }

  play(paced: boolean): Promise<Cost> {
    const { actions } = this.trace;
    const base = ++this.runs * 1_000_000;
    this.gossiped.clear();
    this.verified = 0;
    return costOf(async () => {
      await Promise.all(this.peers.map((peer, place) => peer.play(actions[place]!, base, paced, this.peers)));
      while (this.verified < this.trace.verifiedAside) this.verifyOne();
      await Promise.all(this.verifying.splice(0));
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.peers.map((peer) => peer.close()));
  }

  private onGossip(id: number): void {
    if (this.gossiped.has(id)) return;
    this.gossiped.add(id);
    if (this.verified < this.trace.verifiedAside) this.verifyOne();
  }

  private verifyOne(): void {
    this.verified++;
    this.verifying.push(verifyAside());
  }
}

const isMeshed = ({ host }: SkeletonPeer): boolean =>
  TOPICS.every((topic) => host.services.gossip.getMeshPeers(topic).length >= 2);
