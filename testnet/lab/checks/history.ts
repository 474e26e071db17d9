// What a world shows of its log: entries, what became of their operations, and what peers told of each height, merged.
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Network } from "../../../src/ledger/index.js";
import { decodeOperation, operationId } from "../../../src/market/index.js";
import type { Notice } from "../../../src/peer/ready.js";
import { type AuctionRecord, auctionsOf, type LoggedOperation, type Told } from "./auctions.js";
import { type LoggedEntry, type LoggedStep, type Pace, Windows } from "./windows.js";

type Unapplied = Extract<Notice, { readonly kind: "operationRefused" | "operationPassedOver" }>;
type AtHeight = Extract<Notice, { readonly height: number }>;

/** A world tells it all that happens, and asks the laws of what is over: what was read of the log is not read again. */
export class History {
  private readonly byHeight = new Map<number, Map<string, AtHeight>>();
  private readonly executed = new Set<number>();
  private logged: readonly LoggedOperation[] | null = null;
  private known: Windows | null = null;
  private created: ReadonlyMap<Hex, AuctionRecord> | null = null;

  /** @param entryAt the entry at a height, as some honest peer's log holds it; null: none does */
  constructor(
    readonly network: Network,
    readonly pace: Pace,
    private readonly entryAt: (height: number) => LoggedEntry | null,
  ) {}

  /** An honest peer told this; what others told before adds nothing. */
  noticed(notice: Notice): void {
    if (!("height" in notice)) return;
    if (notice.kind === "entry") this.wasExecuted(notice.height);
    this.toldAt(notice.height).set(fingerprint(notice), notice);
  }

  /** Everything that the entry at this height did is told. */
  wasExecuted(height: number): void {
    this.executed.add(height);
    this.toldAt(height);
  }

  /** Everything told, in the order of heights; a height that every teller lost to a crash is missing. */
  told(): readonly Told[] {
    return [...this.byHeight]
      .sort((a, b) => a[0] - b[0])
      .map(([height, notices]) => ({ height, notices: [...notices.values()] }));
  }

  /** Whether somebody told of every height in between, both included. */
  isComplete(from: number, to: number): boolean {
    for (let height = from; height <= to; height++) if (!this.executed.has(height)) return false;
    return true;
  }

  /** The operations of all told heights that decode. Entries hold no others: their leader would not be followed. */
  operations(): readonly LoggedOperation[] {
    this.logged ??= this.told().flatMap((told) => this.operationsOf(told));
    return this.logged;
  }

  /** The windows of auctions by the headers of the log, from height 1 on as far as no honest peer lacks one. */
  windows(): Windows {
    this.known ??= new Windows(this.steps(), this.pace);
    return this.known;
  }

  auctions(): ReadonlyMap<Hex, AuctionRecord> {
    this.created ??= auctionsOf(this.network, this.operations(), this.told());
    return this.created;
  }

  protected steps(): readonly LoggedStep[] {
    const steps: LoggedStep[] = [];
    for (;;) {
      const entry = this.entryAt(steps.length + 1);
      if (entry === null) return steps;
      const { height, timeMs, leader, execHeight } = entry;
      steps.push({ height, timeMs, leader, execHeight });
    }
  }

  private operationsOf({ height, notices }: Told): readonly LoggedOperation[] {
    const fates = new Map<Hex, Unapplied>();
    for (const notice of notices) {
      if (notice.kind === "operationRefused" || notice.kind === "operationPassedOver")
        fates.set(toHex(notice.operation), notice);
    }
    return (this.entryAt(height)?.ops ?? []).flatMap((bytes) => {
      const decoded = decodeOperation(bytes);
      if (!decoded.ok) return [];
      const id = toHex(operationId(decoded.value));
      const fate = fates.get(id);
      return [
        {
          height,
          id,
          operation: decoded.value,
          size: bytes.length,
          code: fate?.code ?? null,
          isRefused: fate !== undefined,
          isPassedOver: fate?.kind === "operationPassedOver",
        },
      ];
    });
  }

  private toldAt(height: number): Map<string, AtHeight> {
    const told = this.byHeight.get(height) ?? new Map<string, AtHeight>();
    this.byHeight.set(height, told);
    return told;
  }
}

/** Two peers' notices of one event have the same. */
const fingerprint = (notice: Notice): string =>
  JSON.stringify(notice, (_key, value: unknown) =>
    typeof value === "bigint" ? String(value) : value instanceof Uint8Array ? toHex(value) : value,
  );
