// Asking others for what is missing: each thing at most once per 2Δ, and each time someone else.
import type { QuorumMessage } from "./message.js";
import type { Turn } from "./turn.js";

/** Something that another peer may have. `name` tells two wants apart, `seat` is who has it most likely. */
export interface Want {
  readonly name: string;
  readonly message: QuorumMessage;
  readonly seat: number | null;
}

/** Asks for what is wanted now and due to be asked for; forgets what no longer is. Returns when to ask again. */
export function pursueWants(turn: Turn, wants: readonly Want[]): number | null {
  const { voter, nowMs } = turn;
  if (wants.length === 0 && voter.asks.size === 0) return null;
  const againMs = 2 * voter.config.timing.deltaMs;
  const names = new Set(wants.map((want) => want.name));
  for (const name of voter.asks.keys()) if (!names.has(name)) voter.asks.delete(name);
  let wakeAtMs: number | null = null;
  for (const want of wants) {
    let ask = voter.asks.get(want.name);
    if (ask === undefined || nowMs >= ask.atMs + againMs) {
      ask = { atMs: nowMs, times: (ask?.times ?? 0) + 1 };
      voter.asks.set(want.name, ask);
      askSomeone(turn, want, ask.times);
    }
    wakeAtMs = Math.min(wakeAtMs ?? Number.POSITIVE_INFINITY, ask.atMs + againMs);
  }
  return wakeAtMs;
}

/** Members ask members in turn; a peer without a seat asks where the news came from, then anyone. */
function askSomeone(turn: Turn, want: Want, times: number): void {
  const { voter } = turn;
  const { message } = want;
  if (message.kind === "getLog") expectLog(turn);
  const { size } = voter.electorate;
  if (voter.seat === null || size === 1) {
    const peer = times === 1 ? (voter.target?.peer ?? null) : null;
    turn.sends.push({ to: peer === null ? { kind: "anyone" } : { kind: "peer", peer }, message });
    return;
  }
  let seat = ((want.seat ?? voter.seat + 1) + times - 1) % size;
  if (seat === voter.seat) seat = (seat + 1) % size;
  turn.sends.push({ to: { kind: "seat", seat }, message });
}

/** `log` answers are taken for a while from now on. */
export function expectLog(turn: Turn): void {
  const { voter, nowMs } = turn;
  voter.logAwaitedUntilMs = nowMs + Math.max(5000, 20 * voter.config.timing.deltaMs);
}
