// The buying half of what comes after an auction: what is bought is given its input, received, and accepted or not.
import { messageOf } from "../../accident.js";
import type { TradeView } from "../../contract/index.js";
import type { ApiClient } from "../client.js";
import { ApiFailure } from "../failure.js";
import type { Definition, Delivery } from "./definition.js";
import { bytesOf } from "./handover.js";
import type { Hands } from "./hands.js";
import { isPassing } from "./passing.js";

/** Codes which say that it was given or said before. */
const DONE: ReadonlySet<string> = new Set([
  "GOODS_GIVEN",
  "GOODS_CLOSED",
  "TRADE_ENDED",
  "TRADE_NOT_DELIVERED",
]);
/** Codes which say that the goods are still on their way. */
const COMING: ReadonlySet<string> = new Set(["GOODS_UNKNOWN", "GOODS_INCOMPLETE", "GOODS_UNPROVEN"]);
const PAGE = 200;

export class Buyer {
  /** trades whose input was given, and those whose output was looked at, by this run */
  private readonly given = new Set<string>();
  private readonly received = new Set<string>();

  constructor(
    private readonly definition: Definition,
    private readonly client: ApiClient,
    private readonly hands: Hands,
    private readonly say: (line: string) => void,
  ) {}

  /** Does what is to be done for all that it has bought. @throws ApiFailure */
  async look(): Promise<void> {
    if (this.definition.receives.size === 0) return;
    for (const state of ["due", "delivered"] as const) {
      let cursor: string | undefined;
      do {
        const query = { agent: this.hands.agent, role: "buyer", state, limit: PAGE, cursor };
        const page = await this.client.ask("trades", { query }, "could not see its trades");
        for (const trade of page.items) await this.attend(trade);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
    }
  }

  private async attend(trade: TradeView): Promise<void> {
    const receiving = this.definition.receives.get(trade.capability);
    if (receiving === undefined) return;
    try {
      if (trade.state === "due") await this.giveInput(trade, receiving.input);
      else await this.receive(trade, receiving.receive);
    } catch (error) {
      if (isPassing(error)) throw error;
      if (error instanceof ApiFailure && (DONE.has(error.code) || COMING.has(error.code))) return;
      this.received.add(trade.id);
      this.say(`${trade.id.slice(0, 10)} ${trade.capability}: ${messageOf(error)}`);
    }
  }

  private async giveInput(trade: TradeView, input: ((of: TradeView) => unknown) | null): Promise<void> {
    if (input === null || this.given.has(trade.id)) return;
    this.given.add(trade.id);
    const { parts } = await this.client.ask(
      "handover",
      { params: { id: trade.id } },
      "could not see the goods",
    );
    if (parts.some(({ part, hash }) => part === "input" && hash !== null)) return;
    const bytes = bytesOf(await input(trade));
    await this.client.give("giveInput", { params: { id: trade.id } }, once(bytes), "could not hand it over");
    this.say(`${trade.id.slice(0, 10)} ${trade.capability}: gave ${bytes.length} bytes to work on`);
  }

  /** Once by a run: an agent that has died before it has said what it thinks is asked again. */
  private async receive(trade: TradeView, receive: (of: Delivery) => unknown): Promise<void> {
    if (this.received.has(trade.id)) return;
    const { bytes } = await this.client.take("takeOutput", trade.id, "could not read what was delivered");
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    this.received.add(trade.id);
    const output = new Uint8Array(Buffer.concat(chunks));
    const { id, auction, capability, units, fence, performer, price } = trade;
    const is = await receive({
      id,
      auction,
      capability,
      units,
      fence,
      performer,
      price: BigInt(price),
      output,
    });
    const name = `${id.slice(0, 10)} ${capability}:`;
    this.say(`${name} received ${output.length} bytes`);
    if (is !== true) return;
    await this.hands.accept(id);
    this.say(`${name} accepted`);
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
