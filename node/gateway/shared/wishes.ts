// Wishes of a gateway to its peer, each made once while it is on its way into the log.
import type { Command, Refusal } from "../../../src/peer/event.js";
import type { PeerSide } from "./peer-side.js";

/** What was granted may be lost on its way; what was refused may be granted later. */
const AGAIN_MS = 2_000;

export interface RefusedWish {
  readonly wish: Command["kind"];
  readonly refusal: Refusal;
}

export class Wishes {
  /** when what was wished for may be wished for again, by its name */
  private readonly again = new Map<string, number>();

  constructor(
    private readonly side: PeerSide,
    /** told of what the ledger does not take */
    private readonly onRefused: (refused: RefusedWish) => void,
    private readonly onAccident: (error: unknown) => void,
  ) {}

  /** @param name the same for what is meant to happen once @param againMs how long it is not wished for again */
  make(name: string, command: Command, againMs = AGAIN_MS): void {
    const nowMs = this.side.nowMs();
    if ((this.again.get(name) ?? 0) > nowMs) return;
    for (const [one, untilMs] of this.again) if (untilMs <= nowMs) this.again.delete(one);
    this.again.set(name, nowMs + againMs);
    this.side.command(command).then(
      (result) => {
        if (!result.ok) this.onRefused({ wish: command.kind, refusal: result.refusal });
      },
      (error) => this.onAccident(error),
    );
  }
}
