// A running agent: it follows its daemon's events, acts on them one after the other, and comes back when the daemon does.
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../../accident.js";
import type { ApiEvent, NodeView } from "../../contract/index.js";
import type { ApiClient } from "../client.js";
import { follow } from "../follow.js";
import { Bidder } from "./bidder.js";
import { Buyer } from "./buyer.js";
import type { Definition } from "./definition.js";
import { ThroughDaemon } from "./handover.js";
import { dueTrades, type Hands, ManagedHands } from "./hands.js";
import { lotOf } from "./market-view.js";
import { provide } from "./means.js";
import { Notebook } from "./notebook.js";
import { Openings } from "./openings.js";
import { isPassing } from "./passing.js";
import { clientFor } from "./place.js";
import { Turns } from "./turns.js";
import { Worker } from "./worker.js";

const TYPES = "auction.*,trade.*,goods.*";
const RETRY_LEAST_MS = 500;
const RETRY_MOST_MS = 10_000;
/** How often it looks at everything though nothing was heard: what one turn could not do another can. */
const LOOK_EVERY_MS = 30_000;
const PROVIDE_EVERY_MS = 12 * 3_600_000;

/** What of a run outlives a connection. */
interface Self {
  readonly hands: Hands;
  readonly notebook: Notebook;
  readonly worker: Worker;
}

export class Run {
  private self: Self | null = null;
  /** of an agent with its own key */
  private openings: Openings | null = null;
  private providedMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly definition: Definition,
    private readonly say: (line: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** Until the signal is given. @throws what no waiting mends */
  async run(): Promise<void> {
    try {
      for (let failures = 0; !this.signal.aborted; ) {
        try {
          await this.connect(() => {
            failures = 0;
          });
        } catch (error) {
          if (this.signal.aborted) break;
          // Before it has ever acted, a daemon that is not there will not come by waiting.
          if (this.self === null || !isPassing(error)) throw error;
          if (failures === 0) this.say(`the daemon is away, and is tried again: ${messageOf(error)}`);
          const waitMs = Math.min(RETRY_MOST_MS, RETRY_LEAST_MS * 2 ** Math.min(failures++, 10));
          await wait(waitMs, undefined, { signal: this.signal }).catch(() => undefined);
        }
      }
    } finally {
      this.self?.worker.close();
      this.self?.notebook.close();
    }
  }

  /** One connection, from finding the daemon to its end. @param onStanding its stream stands */
  private async connect(onStanding: () => void): Promise<void> {
    const { options } = this.definition;
    const client = await clientFor(options.daemon ?? {});
    const self = await this.begin(client);
    const { worker, notebook } = self;
    const bidder = new Bidder(this.definition, client, self.hands, notebook, this.say);
    const buyer = new Buyer(this.definition, client, self.hands, this.say);
    const turns = new Turns((error) => {
      if (!this.signal.aborted && !isPassing(error)) this.say(`something went wrong: ${messageOf(error)}`);
    });
    const catchUp = (): void =>
      turns.add("catch up", async () => {
        if (performance.now() - this.providedMs > PROVIDE_EVERY_MS)
          await this.provideFor(client, self.hands.agent);
        const due = await dueTrades(client, self.hands.agent);
        notebook.keepBegun(due.map(({ id }) => id));
        worker.take(due);
        await bidder.catchUp();
        await buyer.look();
      });
    const look = setInterval(catchUp, LOOK_EVERY_MS);
    worker.doubt();
    try {
      const place = { since: notebook.since, heard: (id: string) => notebook.heard(id) };
      for await (const event of follow(client, TYPES, this.signal, place)) {
        if (event === null) {
          onStanding();
          catchUp();
        } else this.hear(event, turns, catchUp, { ...self, client, bidder, buyer });
      }
    } catch (error) {
      if ((error as { code?: string }).code === "CURSOR_GONE") notebook.heard(null);
      throw error;
    } finally {
      clearInterval(look);
      turns.clear();
    }
  }

  /** Who it is at this daemon: the same as before, as long as the daemon has the same folder and network. */
  private async begin(client: ApiClient): Promise<Self> {
    const { options } = this.definition;
    const { name, key } = options;
    const folder = options.folder ?? join(".mabeam", "agents", name);
    const node = await client.ask("node", {}, "could not ask the daemon");
    const { chain } = node;
    const hands = key === undefined ? await this.managed(client) : await this.own(client, key, node, folder);
    const { agent } = hands;
    const handover = new ThroughDaemon(client, folder);
    if (this.self !== null && this.self.hands.agent === agent) {
      this.self = { ...this.self, hands };
      this.self.worker.use(hands, handover);
      return this.self;
    }
    await this.provideFor(client, agent);
    const notebook = Notebook.open(folder, chain, agent, this.say);
    const worker = new Worker(this.definition, hands, handover, notebook, this.say);
    this.self?.worker.close();
    this.self = { hands, notebook, worker };
    this.say(`${name} is ${agent}`);
    return this.self;
  }

  private async own(client: ApiClient, key: Uint8Array, node: NodeView, folder: string): Promise<Hands> {
    // Most agents have no use for the protocol's own modules.
    const { OwnHands } = await import("./own-hands.js");
    this.openings ??= Openings.open(folder);
    return new OwnHands(client, key, node, this.openings);
  }

  private async managed(client: ApiClient): Promise<Hands> {
    const { name, delayMs } = this.definition.options;
    const { agent } = await client.ask("addAgent", { body: { name } }, `could not register ${name}`);
    return new ManagedHands(client, agent, delayMs);
  }

  private async provideFor(client: ApiClient, agent: string): Promise<void> {
    const { budget, key } = this.definition.options;
    await provide(client, agent, budget, key !== undefined, this.signal);
    this.providedMs = performance.now();
  }

  private hear(event: ApiEvent, turns: Turns, catchUp: () => void, world: Self & World): void {
    const { hands, worker, client, bidder, buyer } = world;
    switch (event.type) {
      case "auction.opened": {
        const lot = lotOf(event);
        if (bidder.concerns(lot)) turns.add(`lot ${lot.id}`, () => bidder.consider(lot));
        return;
      }
      case "auction.phase":
        turns.add(`attend ${event.auction} ${event.phase}`, () => bidder.attend(event.auction, event.phase));
        return;
      case "auction.settled":
        turns.add(`learn ${event.auction}`, () => bidder.learn(event.auction));
        return;
      case "trade.began":
        if (event.performer === hands.agent)
          turns.add("due", async () => worker.take(await dueTrades(client, hands.agent)));
        if (event.buyer === hands.agent) turns.add("bought", () => buyer.look());
        return;
      case "goods.moved":
        if (event.state === "here") turns.add("bought", () => buyer.look());
        return;
      case "trade.delivered":
      case "trade.paid":
      case "trade.refunded":
      case "trade.split":
        if (event.performer === hands.agent) worker.forget(event.trade);
        if (event.buyer === hands.agent) turns.add("bought", () => buyer.look());
        return;
      case "stream.gap":
        this.say(`${event.to - event.from + 1} events were missed: it looks at everything again`);
        catchUp();
        return;
      default:
        return;
    }
  }
}

interface World {
  readonly client: ApiClient;
  readonly bidder: Bidder;
  readonly buyer: Buyer;
}
