// What the author of an agent says, and what it is told: lots, the market, tasks.
import type { Strategy } from "../../../src/market/strategies/index.js";
import type { AuctionView, TradeView } from "../../contract/index.js";

/** What is auctioned, as `GET /v1/auctions` shows it, amounts as bigints. */
export interface Lot
  extends Pick<AuctionView, "id" | "creator" | "format" | "direction" | "deliverMs" | "settleMs"> {
  readonly capability: string;
  readonly units: number;
  /** of a sale the least price, of a purchase the greatest; of one unit where the lot goes by units. Micro-credits */
  readonly reserve: bigint;
  /** what a bid may lock: one of these, ascending */
  readonly lockups: readonly bigint[];
  /** when bids are taken: RFC 3339, of ledger time */
  readonly opensAt: string;
  readonly commitClosesAt: string;
}

/** What the market is like for this lot. */
export interface Market {
  /** what such lots went for, oldest first: for as many units, or one unit where the lot goes by units */
  readonly prices: readonly bigint[];
  /** about how many others bid: 0 or more */
  readonly rivals: number;
  /** the most that the agent can lock now */
  readonly lockable: bigint;
}

/** Micro-credits for the whole lot, 0n for no bid; or for so many units of a lot that goes by units. */
export type Worth = bigint | { readonly value: bigint; readonly units: number };
export type ValueOf = (lot: Lot, market: Market) => Worth | Promise<Worth>;

/** What a trade asks of its performer. */
export interface Task {
  /** the trade's id */
  readonly id: string;
  readonly auction: string;
  readonly capability: string;
  readonly units: number;
  /** of two holders of one thing the greater is the later: what the work changes elsewhere is to be refused with a lesser one */
  readonly fence: number;
  readonly buyer: string;
  /** micro-credits */
  readonly price: bigint;
  /** what the buyer has handed over for it; null: nothing */
  readonly input: Uint8Array | null;
  /** RFC 3339: delivered later, it has failed. Some of it is kept for the way into the log */
  readonly deliverBy: string;
  /** 1, and one more each time that the agent ended before the work did */
  readonly attempt: number;
}

/** How work says how far it is: a share from 0 to 1, or words. */
export type Progress = (how: number | string) => void;

export interface Working {
  readonly progress: Progress;
  /** given when the time is over, or the agent is ending: whatever comes then is not delivered */
  readonly signal: AbortSignal;
}

/** A text is delivered as UTF-8, anything that is neither text nor bytes as its JSON. */
export interface Done {
  readonly output: unknown;
}
export type Work = (task: Task, working: Working) => Done | Promise<Done>;

export interface WorkOptions {
  /** work begins once the buyer's input is here; absent: with what is here, or is coming already */
  readonly needsInput?: boolean;
}

/** What was delivered to it, with its bytes as the log names them. */
export interface Delivery extends Pick<Task, "id" | "auction" | "capability" | "units" | "fence" | "price"> {
  readonly performer: string;
  readonly output: Uint8Array;
}

/** true: it accepts, and the performer is paid at once; anything else: it says nothing, and the performer is paid in time. */
export type Receive = (delivery: Delivery) => unknown;

export interface ReceiveOptions {
  /** what the performer is to work on: bytes, a text, or anything that is JSON; absent: nothing */
  readonly input?: (trade: TradeView) => unknown;
}

/** What an agent may spend, in micro-credits. */
export interface AgentBudget {
  /** it bids no more for a lot, and values none higher: that is a mistake in its value function */
  readonly perAuction: bigint;
  /** given: the daemon's own agent opens it a budget in the ledger on these terms, and all that it spends is that agent's */
  readonly perPeriod?: bigint;
  /** of such a budget */
  readonly total?: bigint;
}

export interface AgentOptions {
  /** 1 to 56 of a–z, 0–9 and hyphens: the daemon keeps its key under this name */
  readonly name: string;
  /** what it values or works on */
  readonly capabilities: readonly string[];
  readonly budget: AgentBudget;
  /**
   * the 32 bytes of an Ed25519 seed: the agent holds its key itself, and no daemon has it. It then has to be there while its
   * bids are to be shown, or loses their lockups. Absent: the daemon makes and keeps its key
   */
  readonly key?: Uint8Array;
  /** absent: the one that commands would speak to from here */
  readonly daemon?: DaemonPlace;
  /** where it keeps what it needs after a crash; absent: `.mabeam/agents/<name>` */
  readonly folder?: string;
  /** tasks that it works on at once; absent: 1 */
  readonly concurrency?: number;
  /** how long a bid waits in the daemon, so that its moment tells nothing, in ms; absent: a random part of the window */
  readonly delayMs?: number;
  /** hears what it does, a line each; absent: stderr */
  readonly say?: (line: string) => void;
  /** hears how far its work is */
  readonly onProgress?: (task: Task, how: number | string) => void;
}

/** An API by its address, or a daemon by its folder. */
export type DaemonPlace =
  | { readonly url: string; readonly token: string; readonly peer?: number }
  | { readonly home?: string; readonly api?: string; readonly tokenFile?: string; readonly peer?: number };

/** All that an agent does by. */
export interface Definition {
  readonly options: AgentOptions;
  readonly values: ReadonlyMap<string, ValueOf>;
  readonly works: ReadonlyMap<string, { readonly work: Work; readonly needsInput: boolean }>;
  readonly receives: ReadonlyMap<
    string,
    { readonly receive: Receive; readonly input: ((trade: TradeView) => unknown) | null }
  >;
  readonly strategy: Strategy;
}
