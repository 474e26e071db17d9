// Whether the log can still be caught up with: peers that have let go of it say so, one by one.
import { Accident } from "./accident.js";

export interface LogReachPort {
  /** connected peers that have shown, by a certificate, that the log goes on where it ends here */
  ahead(): readonly string[];
  /** of the last final entry here */
  tip(): { readonly height: number; readonly timeMs: number };
  readonly retainMs: number;
  wallMs(): number;
}

/**
 * The log is out of reach once every connected peer that is ahead has refused to go back so far since the last entry was final
 * here. Who stands as far back has nothing to refuse. Peers keep the log for `retainMs`, so their word counts for nothing
 * before that time is over.
 */
export class LogReach {
  private readonly refusedBy = new Set<string>();
  /** Resolves when the log is out of reach. */
  readonly lost: Promise<Accident>;
  private lose!: (accident: Accident) => void;

  constructor(private readonly port: LogReachPort) {
    this.lost = new Promise((resolve) => {
      this.lose = resolve;
    });
  }

  /** An entry is final here that was not. */
  reached(): void {
    this.refusedBy.clear();
  }

  refused(by: string): void {
    const { port } = this;
    this.refusedBy.add(by);
    const { height, timeMs } = port.tip();
    if (port.wallMs() - timeMs < port.retainMs) return;
    const ahead = port.ahead();
    if (ahead.length === 0 || !ahead.every((one) => this.refusedBy.has(one))) return;
    this.lose(
      new Accident(
        "LOG_OUT_OF_REACH",
        "could not catch up with the network",
        `no connected peer keeps the log from height ${height + 1} on`,
        "start the daemon again: it takes a state that the network attests, and goes on from there",
      ),
    );
  }
}
