// What can happen to a peer, as values: time and randomness arrive here or not at all.
import type { Bytes, Hash } from "../base/index.js";
import type { AgentKey } from "../crypto/ports.js";
import type { AgentId, BudgetTerms } from "../ledger/index.js";
import type {
  AuctionId,
  Direction,
  FormatTerms,
  Lot,
  OfferedBudget,
  Operation,
  Opinion,
  TradeId,
} from "../market/index.js";
import type { QuorumMessage } from "../quorum/index.js";

/** A child's word as it was sent: for the budget of this number. */
export type SentConsent = Pick<OfferedBudget, "nth" | "consent">;

/** Names one connection; the same remote peer keeps its name while connected. */
export type PeerRef = string;

export type Event = { readonly nowMs: number } /** once, after restoring from disk */ & (
  | { readonly kind: "start" }
  | { readonly kind: "tick" }
  /** a frame of a direct protocol; `seat` is what the connection proved, or null */
  | {
      readonly kind: "message";
      readonly from: PeerRef;
      readonly seat: number | null;
      readonly message: QuorumMessage;
    }
  /** a connection is up: ask it what is missing */
  | { readonly kind: "connected"; readonly from: PeerRef }
  | Arrival
  /** what arrived together, in its order: the log hears once of all that it brought */
  | { readonly kind: "together"; readonly arrivals: readonly Arrival[] }
);

/** What brings operations. */
export type Arrival =
  /**
   * an operation from gossip or handed over directly, admitted by `judgeOperation` and with its signature verified; if it
   * is not kept, a `notKept` notice of its very bytes says so
   */
  | {
      readonly kind: "operation";
      readonly from: PeerRef;
      readonly operation: Operation;
      readonly bytes: Bytes;
    }
  /** a person's or program's wish, answered by a `done` notice with the same `ref` */
  | { readonly kind: "command"; readonly ref: number; readonly command: Command };

/** A wish for an operation may name its fee, in micro-credits; absent: what is estimated. */
interface WithFee {
  readonly fee?: bigint | undefined;
}

/** A wait: in ms, or as a part of what is left of the commit window: an integer in [0, 2^32), drawn by the caller. */
export type Delay = number | { readonly uniform: number };

export type Command =
  | { readonly kind: "submit"; readonly bytes: Bytes }
  /** many of them, each judged as if it came alone, upon those before it; one that is refused keeps no other out */
  | { readonly kind: "submitAll"; readonly operations: readonly Bytes[] }
  /** agent keys come at any time: from now on this peer signs, seals and reveals for this one, too */
  | { readonly kind: "holdAgent"; readonly key: AgentKey }
  /** an own waiting operation takes its place again at a higher fee; absent: one that puts it before its class */
  | ({ readonly kind: "raiseFee"; readonly operation: Hash } & WithFee)
  | ({
      readonly kind: "transfer";
      readonly from: AgentId;
      readonly to: AgentId;
      readonly amount: bigint;
    } & WithFee)
  | ({
      readonly kind: "grant";
      readonly from: AgentId;
      readonly to: AgentId;
      readonly free: bigint;
      readonly stake: bigint;
    } & WithFee)
  /** free funds become stake, or free stake begins to unbond */
  | ({ readonly kind: "bond" | "unbond"; readonly from: AgentId; readonly amount: bigint } & WithFee)
  /** an owner lets a child spend of its funds; `sent` is the child's word, null where its key is here */
  | ({
      readonly kind: "openBudget";
      readonly from: AgentId;
      readonly child: AgentId;
      readonly terms: BudgetTerms;
      readonly sent: SentConsent | null;
    } & WithFee)
  | ({ readonly kind: "closeBudget"; readonly from: AgentId; readonly child: AgentId } & WithFee)
  /** the word of an agent of this peer, for an owner to send */
  | {
      readonly kind: "agreeToBudget";
      readonly owner: AgentId;
      readonly child: AgentId;
      readonly terms: BudgetTerms;
    }
  | ({
      readonly kind: "createAuction";
      readonly from: AgentId;
      readonly format: FormatTerms;
      readonly direction: Direction;
      readonly lot: Lot;
      /** the public reserve: of a purchase the most that is paid */
      readonly reserve: bigint;
      readonly lockups: readonly bigint[];
      /** ledger ms from now until bids open; 0: at once */
      readonly startInMs: number;
      readonly commitMs: number;
      readonly revealMs: number;
      /** of a sale: a reserve above the public one, kept hidden until REVEAL; null: none */
      readonly hiddenReserve: bigint | null;
      /** of a purchase: by how much, in bp, an ask counts for more whose bidder has no standing; null: it weighs none */
      readonly standingWeight: number | null;
      /** how long the performer has to deliver; 0: nothing is delivered, and the outcome pays */
      readonly deliverMs: number;
      /** how long the buyer may look at it; 0 exactly if nothing is delivered */
      readonly settleMs: number;
      /** of a sale by units with delivery: what it is worth at most; else null */
      readonly value: bigint | null;
      readonly bond: bigint;
    } & WithFee)
  | ({ readonly kind: "cancelAuction"; readonly from: AgentId; readonly auction: AuctionId } & WithFee)
  /** the performer has delivered what has this hash */
  | ({
      readonly kind: "deliver";
      readonly from: AgentId;
      readonly trade: TradeId;
      readonly hash: Hash;
    } & WithFee)
  /** the buyer takes what was delivered, or the performer gives up */
  | ({ readonly kind: "accept" | "fail"; readonly from: AgentId; readonly trade: TradeId } & WithFee)
  /** the buyer has the seats judge what was delivered, and stakes a bond on being right */
  | ({
      readonly kind: "dispute";
      readonly from: AgentId;
      readonly trade: TradeId;
      readonly evidence: Hash;
      /** null: the least that will do */
      readonly bond: bigint | null;
    } & WithFee)
  /** a seat's vote on a dispute */
  | ({
      readonly kind: "verdict";
      readonly from: AgentId;
      readonly trade: TradeId;
      /** what of the delivery is wrong, 1 to 10,000 bp of it; null: nothing */
      readonly share: Opinion;
    } & WithFee)
  /** an owner or deputy holds a lease until a ledger time; `deputies`: null leaves who may as it is */
  | ({
      readonly kind: "hold";
      readonly from: AgentId;
      readonly auction: AuctionId;
      readonly owner: AgentId;
      readonly untilMs: number;
      readonly deputies: readonly AgentId[] | null;
    } & WithFee)
  /** who held a lease says what was used of it, in parts of the whole times ms */
  | ({
      readonly kind: "usage";
      readonly from: AgentId;
      readonly auction: AuctionId;
      readonly owner: AgentId;
      readonly used: number;
      readonly lent: number;
    } & WithFee)
  /** the operator's word that a seat in amnesia may sign again; `force`: though the others could tell what it signed */
  | { readonly kind: "overrideAmnesia"; readonly force: boolean }
  | ({
      readonly kind: "placeBid";
      readonly from: AgentId;
      readonly auction: AuctionId;
      readonly amount: bigint;
      /** of a lot in units: how many; null: the lot as a whole */
      readonly units: number | null;
      /** one of the auction's lockups; null: the least that covers the bid */
      readonly lockup: bigint | null;
      /** how long to wait before the commit is published, so that its time tells nothing */
      readonly delayMs: Delay;
    } & WithFee);

/** Why a wish was not granted: a stable code, and what to say about it. */
export interface Refusal {
  readonly code: string;
  readonly detail: Readonly<Record<string, string | number | null>>;
}

/** What became of a wish to bid. Its funds are set aside by this peer alone until an entry holds the commit. */
export interface PlacedBid {
  readonly commitment: Hash;
  readonly lockup: bigint;
  /** own clock: when the commit leaves this peer */
  readonly publishesAtMs: number;
  /** the commitment of the bid that this one replaces, if an entry holds it before the close; null: it is the first */
  readonly replaces: Hash | null;
  /** it is beyond the public reserve, and can never win */
  readonly cannotWin: boolean;
}

export type CommandResult =
  | {
      readonly ok: true;
      readonly operation: Hash | null;
      readonly auction: AuctionId | null;
      /** of the operation; absent where there is none yet */
      readonly fee?: bigint;
      /** of a `placeBid` */
      readonly bid?: PlacedBid;
      /** of an `agreeToBudget` */
      readonly agreed?: OfferedBudget;
      /** of a `submitAll`: what became of each, in order */
      readonly each?: readonly CommandResult[];
    }
  | { readonly ok: false; readonly refusal: Refusal };
