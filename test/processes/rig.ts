// The rig: a network of one process per member, somebody who pays and remembers what was called final, and the verdict.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { agentKey } from "../../node/crypto/signer.js";
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { rebuildHistory } from "../../node/store/history-rebuild.js";
import { openStore } from "../../node/store/level-store.js";
import { compareBytes, toHex } from "../../src/base/index.js";
import { encodeGenesis, type Genesis } from "../../src/ledger/index.js";
import { testnetGenesis } from "../../testnet/genesis.js";
import { peerHome } from "../../testnet/isolate/lay.js";
import { ProcessNetwork } from "../../testnet/isolate/process-network.js";
import { planTestnet } from "../../testnet/plan.js";
import { eventually } from "../e2e/eventually.js";
import { seedOf } from "../e2e/network.js";
import { contradictionsIn, readBox, saidUnkept } from "./black-box.js";

const PRELOAD = new URL("./failpoints.mjs", import.meta.url).href;
const ASK_WITHIN_MS = 3000;
/** What the faults of one step may cost until the network has healed: a dozen terms that time out. */
const HEALS_WITHIN_MS = 40_000;
/** While somebody shall die, a payment is given up soon: the next goes through another member. */
const HASTY_MS = 600;
const RECIPIENTS = 96;
const OPENING = 1_000_000n;

/** Somebody who is paid, once at a time: what it has is what was acknowledged, or that and what is on its way. */
interface Recipient {
  readonly id: string;
  /** by what a member has called final */
  acknowledged: bigint;
  /** a payment that was handed in, and that no member has called final yet; 0n: none */
  promised: bigint;
  /** whether a member said that it took that payment: then it is durable there (P10) */
  taken: boolean;
}

const rigs: Rig[] = [];

export class Rig {
  /** how many payments members have called final */
  payments = 0;
  private readonly recipients: readonly Recipient[];
  /** by when they were paid last */
  private readonly settled = new Set<Recipient>();
  private turn = 0;

  private constructor(
    readonly home: string,
    readonly seats: number,
    readonly network: ProcessNetwork,
    /** the failpoint that each member will have when it is started next, for `arm` */
    readonly points: Map<number, string>,
    private readonly genesis: Genesis,
  ) {
    this.recipients = keys.map((key) => ({
      id: toHex(key),
      acknowledged: OPENING,
      promised: 0n,
      taken: false,
    }));
  }

  /** @param points that the members have, by place, to begin with */
  static async start(seats: number, points: readonly string[] = []): Promise<Rig> {
    const home = mkdtempSync(join(tmpdir(), "mabeam-processes-"));
    const plan = planTestnet({ peers: seats, quorum: seats, agents: 0, seed: 1 });
    const founded = testnetGenesis(plan, Date.now());
    const accounts = [...founded.accounts, ...keys.map((agent) => ({ agent, free: OPENING, stake: 0n }))];
    const genesis = { ...founded, accounts: accounts.sort((a, b) => compareBytes(a.agent, b.agent)) };
    const armable = new Map(points.entries());
    const env = (place: number) => ({
      NODE_OPTIONS: `--import ${PRELOAD}`,
      MABEAM_BLACK_BOX: boxOf(home, place),
      MABEAM_FAILPOINT: armable.get(place) ?? "",
      MABEAM_FAILPOINT_ARMED: "later",
    });
    const laid = { plan, genesis: encodeGenesis(genesis), home, listen: [], fresh: true, env };
    const rig = new Rig(home, seats, await ProcessNetwork.start(laid), armable, genesis);
    rigs.push(rig);
    return rig;
  }

  get places(): readonly number[] {
    return Array.from({ length: this.seats }, (_, place) => place);
  }

  storeOf(place: number): string {
    return join(peerHome(this.home, `peer-${place}`), "store");
  }

  async restart(...places: readonly number[]): Promise<void> {
    await Promise.all(places.map((place) => this.network.startPeer(place)));
  }

  /** From now on the failpoint counts that this member was started with. */
  arm(place: number): void {
    this.network.at(place).signal("SIGUSR2");
  }

  /** Has a payment taken by the member at `place`, and waits until that member calls it final. */
  async pay(place: number, withinMs = HEALS_WITHIN_MS): Promise<void> {
    const to = await eventually("a payment is taken", () => this.promise(place), withinMs);
    await eventually("the payment is final", () => this.settles(place, to), withinMs);
  }

  /** Hands a payment to the member at `place`. @throws when it is not known to be taken */
  async promise(place: number): Promise<Recipient> {
    // To ask who is gone would only use recipients up.
    if (!this.network.at(place).isAlive) throw new Error(`member ${place} is gone`);
    const to = await this.nextFree(place);
    const amount = BigInt(this.turn);
    const body = { to: to.id, amount: amount.toString() };
    // Whoever dies over its answer may have taken it.
    to.promised = amount;
    to.taken = false;
    await this.client(place).ask("transfer", { body }, "could not pay");
    to.taken = true;
    return to;
  }

  /** The next recipient that waits for nothing: of those that do, each is looked at again in its turn. */
  private async nextFree(place: number): Promise<Recipient> {
    for (let tries = 0; tries < this.recipients.length; tries++) {
      const to = this.recipients[this.turn++ % this.recipients.length]!;
      if (to.promised === 0n || (await this.settles(place, to))) return to;
    }
    throw new Error("everybody waits for a payment");
  }

  /** Pays through one living member after another until `over`, whatever dies meanwhile. */
  async payUntil(over: Promise<unknown>): Promise<void> {
    let isOver = false;
    void over.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const place = this.turn % this.seats;
      if (this.network.at(place).isAlive) await this.pay(place, HASTY_MS).catch(() => undefined);
      else this.turn++;
      await wait(10);
    }
  }

  quorum(place: number) {
    return this.client(place).ask("quorum", {}, "could not ask");
  }

  /** Resolves when every member votes, and each has executed an entry that none had. */
  async healed(): Promise<void> {
    const views = () => Promise.all(this.places.map((place) => this.quorum(place)));
    const start = await eventually("every member answers", views, HEALS_WITHIN_MS);
    const reach = Math.max(...start.map(({ height }) => height)) + 1;
    await eventually(
      "every member votes and follows",
      async () => (await views()).every(({ height, halted }) => halted === null && height >= reach),
      HEALS_WITHIN_MS,
    );
  }

  /** Every member votes again and has all that was acknowledged of the last `recent` payments. */
  async nothingLost(recent = 3): Promise<void> {
    await this.healed();
    for (const to of [...this.settled].slice(-recent)) {
      for (const place of this.places) {
        await eventually(
          `member ${place} has what was acknowledged`,
          () => this.hasAcknowledged(place, to),
          5000,
        );
      }
    }
  }

  /** The whole verdict: nothing acknowledged or promised is lost, one log, one state, and nobody signed twice. */
  async judge(): Promise<void> {
    await this.nothingLost(RECIPIENTS);
    for (const to of this.recipients.filter(({ taken }) => taken)) {
      await eventually("what was taken is final", () => this.settles(0, to), HEALS_WITHIN_MS);
    }
    expect(this.payments).toBeGreaterThan(0);
    await this.oneLog();
    expect((await this.convictions()).slashed).toEqual([]);
    for (const place of this.places) {
      const box = readBox(boxOf(this.home, place));
      expect([place, contradictionsIn(box), saidUnkept(box)]).toEqual([place, [], []]);
      expect(box.length).toBeGreaterThan(0);
    }
  }

  /** The last verdict: all members stop, and what their disks hold of history is what their logs make. */
  async historyIsWhatTheLogMakes(): Promise<void> {
    for (const peer of this.network.all) if (peer.isAlive) await peer.kill();
    const parts = { genesis: this.genesis, agents: [], verifier: new SignatureVerifier() };
    for (const place of this.places) {
      const store = await openStore(this.storeOf(place));
      const report = await rebuildHistory(store, parts).finally(() => store.close());
      expect(report, `member ${place}`).toMatchObject({ made: 0, mended: 0, removed: 0 });
    }
  }

  /** By place: what each member's black box convicts it of; and the places whose seats were slashed, by anyone's state. */
  async convictions() {
    const placeOf = new Map<number | null, number>();
    for (const place of this.places) placeOf.set((await this.network.node(place, ASK_WITHIN_MS)).seat, place);
    const slashed = new Set<number | undefined>();
    for (const place of this.places) {
      const { items } = await this.client(place).ask("slashes", {}, "could not ask");
      for (const { conviction } of items) if (conviction !== null) slashed.add(placeOf.get(conviction.seat));
    }
    const signed = this.places.map((place) => contradictionsIn(readBox(boxOf(this.home, place))));
    return { signed, slashed: [...slashed] };
  }

  async stop(): Promise<void> {
    for (const peer of this.network.all) if (peer.isAlive) await peer.kill();
    rmSync(this.home, { recursive: true, force: true });
  }

  private client(place: number) {
    return this.network.at(place).client(ASK_WITHIN_MS);
  }

  private async fundsOf(place: number, { id }: Recipient): Promise<bigint> {
    const wallet = await this.client(place).ask(
      "wallet",
      { query: { agent: id } },
      "could not see the wallet",
    );
    return BigInt(wallet.free);
  }

  /** Whether the member at `place` calls the recipient's payment final; from then on it may never be lost. */
  private async settles(place: number, to: Recipient): Promise<boolean> {
    if ((await this.fundsOf(place, to)) !== to.acknowledged + to.promised) return false;
    to.acknowledged += to.promised;
    to.promised = 0n;
    to.taken = false;
    this.settled.delete(to);
    this.settled.add(to);
    this.payments++;
    return true;
  }

  private async hasAcknowledged(place: number, to: Recipient): Promise<boolean> {
    const funds = await this.fundsOf(place, to);
    return funds === to.acknowledged || funds === to.acknowledged + to.promised;
  }

  /** One entry per height, and one state, at every member. */
  private async oneLog(): Promise<void> {
    const logs = await Promise.all(this.places.map((place) => this.logOf(place)));
    const height = Math.min(...logs.map((log) => Math.max(...log.keys())));
    expect(height).toBeGreaterThan(0);
    for (let at = 1; at <= height; at++) {
      expect(new Set(logs.map((log) => log.get(at))).size, `one entry at height ${at}`).toBe(1);
    }
  }

  /** Of each height: the entry's id, and the state that it attests. */
  private async logOf(place: number): Promise<ReadonlyMap<number, string>> {
    const found = new Map<number, string>();
    for (let cursor: string | undefined; ; ) {
      const query = { limit: 100, cursor };
      const page = await this.client(place).ask("log", { query }, "could not read the log");
      for (const { height, id, execRoot } of page.items) found.set(height, `${id} ${execRoot}`);
      if (page.nextCursor === null) return found;
      cursor = page.nextCursor;
    }
  }
}

const keys = Array.from({ length: RECIPIENTS }, (_, i) => agentKey(seedOf(`recipient ${i}`)).publicKey);

const boxOf = (home: string, place: number): string => join(home, `box-${place}.ndjson`);

/** Ends every process that a test left. */
export async function stopRigs(): Promise<void> {
  await Promise.all(rigs.splice(0).map((rig) => rig.stop()));
}
