// An agent that holds its own key: it signs, seals and reveals by itself, and hands in what it has signed (spec/api#D7).
import { fromHex, toHex } from "../../../src/base/index.js";
import { type AgentKey, saltOf, sealOpening } from "../../../src/crypto/index.js";
import type { Network } from "../../../src/ledger/index.js";
import {
  bidBytes,
  bidCommitment,
  encodeOperation,
  laneOf,
  type Operation,
  type OperationBody,
  selfProving,
  signOperation,
} from "../../../src/market/index.js";
import { isOver, type NodeView, type Phase } from "../../contract/index.js";
import { agentKey } from "../../crypto/signer.js";
import type { ApiClient } from "../client.js";
import { ApiFailure } from "../failure.js";
import type { Decided } from "./decision.js";
import type { Lot } from "./definition.js";
import type { Hands, OwnBid } from "./hands.js";
import type { Openings } from "./openings.js";

/** An operation that nobody could include for so long is void. */
const VALID_MS = 5 * 60_000;
/** It bids once for a lot, so each of its bids is the first. */
const COUNTER = 0;

/** Codes which say that what was handed in is in the log already, or that the moment for it is over. */
const DONE: ReadonlySet<string> = new Set([
  "ALREADY_REVEALED",
  "REVEAL_TOO_LATE",
  "TRADE_NOT_DUE",
  "TRADE_ENDED",
]);

const networkOf = ({ chain, market }: Pick<NodeView, "chain" | "market">): Network => ({
  chain: fromHex(chain)!,
  market: fromHex(market)!,
});

export class OwnHands implements Hands {
  readonly agent: string;
  /** the next nonce of each lane, as far as this run has used them */
  private readonly next = new Map<"critical" | "bulk", number>();
  private readonly key: AgentKey;
  private readonly network: Network;

  /** @param seed 32 bytes */
  constructor(
    private readonly client: ApiClient,
    seed: Uint8Array,
    node: Pick<NodeView, "chain" | "market">,
    private readonly openings: Openings,
  ) {
    this.key = agentKey(Uint8Array.from(seed));
    this.network = networkOf(node);
    this.agent = toHex(this.key.publicKey);
  }

  async bids(): Promise<readonly OwnBid[]> {
    return this.openings.all.map(([auction, { capability }]) => ({ auction, capability, isLive: true }));
  }

  /** What was signed once for a lot is handed in as it is: the key never signs two bids for one. */
  async bid(lot: Lot, decided: Decided): Promise<void> {
    const kept = this.openings.of(lot.id);
    if (kept !== null) return this.handInAgain(kept.commit);
    if (await this.hasCommit(lot.id)) return;
    const operation = await this.signed(this.commitOf(lot, decided));
    const commit = textOf(operation);
    const { amount, units } = decided;
    this.openings.keep(lot.id, { capability: lot.capability, amount: String(amount), units, commit });
    try {
      await this.handIn(commit);
    } catch (error) {
      // Refused, so nobody holds it; what nobody answered may still be taken.
      if (error instanceof ApiFailure && typeof error.reason === "number" && error.reason < 500) {
        this.openings.drop(lot.id);
        this.next.clear();
      }
      throw error;
    }
  }

  deliver = (trade: string, hash: string): Promise<void> =>
    this.wish({ kind: "deliver", trade: fromHex(trade)!, hash: fromHex(hash)! });

  fail = (trade: string): Promise<void> => this.wish({ kind: "fail", trade: fromHex(trade)! });

  accept = (trade: string): Promise<void> => this.wish({ kind: "accept", trade: fromHex(trade)! });

  /** Shows its bid once bids are shown, and lets it go when the auction is over. */
  async attend(auction: string, phase: Phase | null): Promise<void> {
    const kept = this.openings.of(auction);
    if (kept === null) return;
    const now = phase ?? (await this.phaseOf(auction));
    if (now === "reveal") {
      const bid = { amount: BigInt(kept.amount), units: kept.units };
      const salt = saltOf(this.key, fromHex(auction)!, COUNTER, bidBytes(bid));
      const shown = {
        kind: "reveal",
        auction: fromHex(auction)!,
        bidder: this.key.publicKey,
        bid,
        salt,
      } as const;
      await this.handIn(textOf(selfProving(this.network, shown)));
    } else if (now === "open") await this.handInAgain(kept.commit);
    else if (now === null || isOver(now)) this.openings.drop(auction);
  }

  private commitOf({ id, direction, lockups }: Lot, { amount, units }: Decided): OperationBody {
    const auction = fromHex(id)!;
    const bid = { amount, units };
    const salt = saltOf(this.key, auction, COUNTER, bidBytes(bid));
    const cost = direction === "sell" ? amount * BigInt(units ?? 1) : 0n;
    return {
      kind: "commit",
      auction,
      commitment: bidCommitment(this.network, auction, this.key.publicKey, bid, salt),
      lockup: lockups.find((lockup) => lockup >= cost)!,
      recovery: sealOpening(this.key, auction, COUNTER, { bidBytes: bidBytes(bid), salt }),
    };
  }

  private async wish(body: OperationBody): Promise<void> {
    await this.handIn(textOf(await this.signed(body)));
  }

  private async signed(body: OperationBody): Promise<Operation> {
    const [{ nonces }, { fee, ledgerTime }] = await Promise.all([
      this.client.ask("wallet", { query: { agent: this.agent } }, "could not see its wallet"),
      this.client.ask("node", {}, "could not ask the daemon"),
    ]);
    const lane = laneOf(body.kind);
    const nonce = Math.max(nonces[lane], this.next.get(lane) ?? 0);
    this.next.set(lane, nonce + 1);
    const validUntilMs = Date.parse(ledgerTime) + VALID_MS;
    return signOperation(this.network, { nonce, fee: BigInt(fee), validUntilMs }, body, this.key);
  }

  private async handIn(operation: string): Promise<void> {
    try {
      await this.client.ask("submit", { body: { operation } }, "could not hand in what it has signed");
    } catch (error) {
      if (!(error instanceof ApiFailure && DONE.has(error.code))) throw error;
    }
  }

  /** It was handed in before: its nonce may be used by now, by itself. */
  private async handInAgain(operation: string): Promise<void> {
    await this.handIn(operation).catch((error: unknown) => {
      if (!(error instanceof ApiFailure && error.code === "NONCE_NOT_NEXT")) throw error;
    });
  }

  /** Whether the log has a bid of its own in an auction, which another run without this folder has made. */
  private async hasCommit(auction: string): Promise<boolean> {
    const { items } = await this.client.ask("bids", { params: { id: auction } }, "could not see bids");
    return items.some(({ bidder }) => bidder === this.agent);
  }

  /** null: nobody remembers it */
  private async phaseOf(auction: string): Promise<Phase | null> {
    try {
      return (await this.client.ask("auction", { params: { id: auction } }, "could not see an auction"))
        .phase;
    } catch (error) {
      if (error instanceof ApiFailure && error.code === "AUCTION_UNKNOWN") return null;
      throw error;
    }
  }
}

const textOf = (operation: Operation): string => Buffer.from(encodeOperation(operation)).toString("base64");
