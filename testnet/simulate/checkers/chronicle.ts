// What honest peers told of each height, merged, beside the operations that their logs hold: the material of the judges.
import { decode, type Hex, toHex } from "../../../src/base/index.js";
import { decodeOperation, type Operation, operationId } from "../../../src/market/index.js";
import { logKey } from "../../../src/peer/keyspace.js";
import type { Notice } from "../../../src/peer/ready.js";
import { type LogEntry, logEntry, MAX_FRAME_BYTES } from "../../../src/quorum/index.js";
import type { LoggedStep } from "../../checks/windows.js";
import type { Host } from "../world/host.js";
import type { Trial } from "./checker.js";

export interface Told {
  readonly height: number;
  readonly notices: readonly Notice[];
}

export interface LoggedOperation {
  readonly height: number;
  readonly id: Hex;
  readonly operation: Operation;
  /** of its bytes */
  readonly size: number;
  /** why it was not applied; null: it was */
  readonly code: string | null;
  /** it was not applied */
  readonly isRefused: boolean;
  /** it left no trace at all: no fee, no nonce */
  readonly isPassedOver: boolean;
}

type Unapplied = Extract<Notice, { readonly kind: "operationRefused" | "operationPassedOver" }>;
type AtHeight = Extract<Notice, { readonly height: number }>;

export class Chronicle {
  private readonly byHeight = new Map<number, Map<string, AtHeight>>();
  private read: readonly LoggedOperation[] | null = null;
  private known: readonly LoggedStep[] | null = null;

  constructor(private readonly trial: Trial) {}

  noticed(host: Host, notice: Notice): void {
    if (!this.trial.isHonest(host) || !("height" in notice)) return;
    const told = this.byHeight.get(notice.height) ?? new Map<string, AtHeight>();
    this.byHeight.set(notice.height, told);
    told.set(fingerprint(notice), notice);
  }

  /** Everything told, in the order of heights; a height that every teller lost to a crash is missing. */
  told(): readonly Told[] {
    return [...this.byHeight]
      .sort((a, b) => a[0] - b[0])
      .map(([height, notices]) => ({ height, notices: [...notices.values()] }));
  }

  /** Whether somebody told of every height in between, both included. */
  isComplete(from: number, to: number): boolean {
    for (let height = from; height <= to; height++) {
      const notices = this.byHeight.get(height);
      if (notices === undefined || ![...notices.values()].some((notice) => notice.kind === "entry"))
        return false;
    }
    return true;
  }

  /** The operations of all told heights, as some honest peer's log holds them. Of a run that is over: read once. */
  operations(): readonly LoggedOperation[] {
    this.read ??= this.told().flatMap((told) => this.operationsOf(told));
    return this.read;
  }

  /** What the headers of the log say, from height 1 on as far as no honest peer lacks one. Of a run that is over. */
  steps(): readonly LoggedStep[] {
    this.known ??= this.readSteps();
    return this.known;
  }

  private operationsOf({ height, notices }: Told): readonly LoggedOperation[] {
    const fates = new Map<Hex, Unapplied>();
    for (const notice of notices) {
      if (notice.kind === "operationRefused" || notice.kind === "operationPassedOver")
        fates.set(toHex(notice.operation), notice);
    }
    return (this.logged(height)?.ops ?? []).flatMap((bytes) => {
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

  private readSteps(): readonly LoggedStep[] {
    const steps: LoggedStep[] = [];
    for (;;) {
      const entry = this.logged(steps.length + 1);
      if (entry === null) return steps;
      const { height, timeMs, leader, execHeight } = entry.header;
      steps.push({ height, timeMs, leader, execHeight });
    }
  }

  private logged(height: number): LogEntry | null {
    for (const host of this.trial.hosts) {
      const row = this.trial.isHonest(host) ? host.disk.row(logKey(height)) : null;
      const entry = row === null ? null : decode(logEntry, row, MAX_FRAME_BYTES);
      if (entry?.ok) return entry.value;
    }
    return null;
  }
}

/** Two peers' notices of one event have the same. */
const fingerprint = (notice: Notice): string =>
  JSON.stringify(notice, (_key, value: unknown) =>
    typeof value === "bigint" ? String(value) : value instanceof Uint8Array ? toHex(value) : value,
  );
