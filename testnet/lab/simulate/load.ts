// Load: authors who hand in operations at a rate, whatever becomes of them, or keep some of them under way.
import type { AgentKey } from "../../../src/crypto/index.js";
import type { Network } from "../../../src/ledger/index.js";
import { encodeOperation, signOperation } from "../../../src/market/index.js";
import { COST_US } from "./costs.js";
import type { Host } from "./world/host.js";
import type { Random } from "./world/random.js";
import type { Witness, World } from "./world/world.js";

export interface LoadPlan {
  /** accounts, so many that neither nonces nor the gate's rates are a limit */
  readonly authors: number;
  readonly fromMs: number;
  /** one after the other */
  readonly stages: readonly LoadStage[];
}

/** Open: operations that come in each second, from all. Closed: how many each author keeps under way. */
export type LoadStage = { readonly forMs: number } & (
  | { readonly kind: "open"; readonly perSecond: number }
  | { readonly kind: "closed"; readonly window: number }
);

/** What is final at a moment: the operations of authors that the last member of the fastest quorum has executed. */
export interface LoadSample {
  readonly atMs: number;
  readonly final: number;
  /** handed in so far, refused or not */
  readonly offered: number;
  readonly refused: number;
}

const SAMPLE_MS = 1_000;
/** How often an author of a closed load looks whether something is final. */
const LOOK_MS = 25;
/** How long an author of a closed load waits after a refusal, as the API's Retry-After tells it. */
const RETRY_MS = 1_000;
/** Operations of one account that may be under way (NONCE_WINDOW). */
const MOST_UNDER_WAY = 48;
/** Connections of a daemon's API, each with one request under way (node/api/connections.ts). */
const CONNECTIONS = 64;
const VALID_MS = 1_800_000;
const FIRST_REF = 1_000_000_000;
const MIN_FEE = 1_000n;

interface Author {
  readonly key: AgentKey;
  readonly host: Host;
  next: number;
  /** nonces whose operations were refused */
  readonly refused: number[];
  refusedAtMs: number;
}

export class Load implements Witness {
  readonly samples: LoadSample[] = [];
  private readonly authors: readonly Author[];
  private readonly asked = new Map<number, { readonly author: Author; readonly nonce: number }>();
  /** by host: requests that were not answered yet */
  private readonly open = new Map<Host, number>();
  private ref = FIRST_REF;
  private turn = 0;
  private offered = 0;
  private refusals = 0;

  /** @param seats how many hosts, from the first, are members; authors ask them in turn */
  constructor(
    private readonly world: World,
    private readonly network: Network,
    plan: LoadPlan,
    keys: readonly AgentKey[],
    private readonly seats: number,
    private readonly quorum: number,
    private readonly random: Random,
  ) {
    this.authors = keys.map((key, i) => ({
      key,
      host: world.hosts[i % seats]!,
      next: 0,
      refused: [],
      refusedAtMs: -RETRY_MS,
    }));
    let atMs = plan.fromMs;
    for (const stage of plan.stages) {
      const untilMs = atMs + stage.forMs;
      world.agenda.at(atMs, () => this.begin(stage, untilMs));
      atMs = untilMs;
    }
    for (let at = plan.fromMs; at <= atMs; at += SAMPLE_MS) world.agenda.at(at, () => this.sample());
  }

  noticed(_host: Host, notice: Parameters<NonNullable<Witness["noticed"]>>[1]): void {
    if (notice.kind !== "done") return;
    const asked = this.asked.get(notice.ref);
    if (asked === undefined) return;
    this.answered(notice.ref, asked.author.host);
    if (!notice.result.ok) this.refuse(asked.author, asked.nonce);
  }

  private begin(stage: LoadStage, untilMs: number): void {
    if (stage.kind === "open") this.arrive(1_000 / stage.perSecond, untilMs);
    else this.keep(stage.window, untilMs);
  }

  private arrive(meanMs: number, untilMs: number): void {
    const { agenda } = this.world;
    if (agenda.nowMs >= untilMs) return;
    this.handIn(this.authors[this.turn++ % this.authors.length]!, MOST_UNDER_WAY);
    agenda.after(-meanMs * Math.log(1 - this.random.unit()), () => this.arrive(meanMs, untilMs));
  }

  private keep(window: number, untilMs: number): void {
    const { agenda } = this.world;
    if (agenda.nowMs >= untilMs) return;
    for (const author of this.authors) {
      while (agenda.nowMs >= author.refusedAtMs + RETRY_MS && this.handIn(author, window));
    }
    agenda.after(LOOK_MS, () => this.keep(window, untilMs));
  }

  /** False: so many of the author's are under way already. */
  private handIn(author: Author, most: number): boolean {
    const { host, key, refused } = author;
    if (host.machine === null) return false;
    const done = host.machine.nextNonce(key.publicKey, "bulk") ?? 0;
    if (author.next - done - refused.length >= most) return false;
    this.offered++;
    const again = refused.shift();
    const nonce = again ?? author.next++;
    const payee = this.authors[0]!.key.publicKey;
    const to = author.key === this.authors[0]!.key ? this.authors[1]!.key.publicKey : payee;
    const authority = { nonce, fee: MIN_FEE, validUntilMs: Math.round(this.world.rightMs) + VALID_MS };
    const body = { kind: "transfer", to, amount: 1n } as const;
    const bytes = encodeOperation(signOperation(this.network, authority, body, key));
    this.ask(author, nonce, bytes);
    return true;
  }

  private ask(author: Author, nonce: number, bytes: Uint8Array): void {
    const { host } = author;
    const open = this.open.get(host) ?? 0;
    if (open >= CONNECTIONS) {
      host.read("api", 0, Number.POSITIVE_INFINITY, COST_US.turnedAway, () => {});
      this.refuse(author, nonce);
      return;
    }
    this.open.set(host, open + 1);
    const ref = this.ref++;
    this.asked.set(ref, { author, nonce });
    host.read("api", 0, Number.POSITIVE_INFINITY, COST_US.request, () => {
      const command = { kind: "submit", bytes } as const;
      if (host.deliver({ kind: "command", ref, command }, bytes.length)) return;
      this.answered(ref, host);
      this.refuse(author, nonce);
    });
  }

  private answered(ref: number, host: Host): void {
    this.asked.delete(ref);
    this.open.set(host, this.open.get(host)! - 1);
  }

  private refuse(author: Author, nonce: number): void {
    this.refusals++;
    author.refused.push(nonce);
    author.refusedAtMs = this.world.agenda.nowMs;
  }

  /** Σ of what each account has had executed, at the last member of the fastest quorum. */
  private sample(): void {
    const counts = this.world.hosts.slice(0, this.seats).map(({ machine }) => {
      if (machine === null) return 0;
      return this.authors.reduce((sum, { key }) => sum + (machine.nextNonce(key.publicKey, "bulk") ?? 0), 0);
    });
    const final = counts.sort((a, b) => b - a)[this.quorum - 1]!;
    const atMs = this.world.agenda.nowMs;
    this.samples.push({ atMs, final, offered: this.offered, refused: this.refusals });
  }
}
