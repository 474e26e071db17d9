// `trade show --watch`: one line per event, until the trade has ended.
import { type ApiEvent, isTradeOver, type TradeView } from "../../contract/index.js";
import { follow } from "../../sdk/follow.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import type { Session } from "../session.js";
import { clock, painter, short } from "../show.js";
import { getTrade } from "./trade-named.js";

type TradeEvent = Extract<ApiEvent, { readonly trade: string; readonly says: string }>;

/** @throws CliFailure TIMED_OUT */
export async function watch(session: Session, trade: Pick<TradeView, "id" | "state">): Promise<void> {
  const { patienceMs } = session;
  session.progress(`Watching ${short(trade.id)}, ${trade.state}`);
  const signal = patienceMs === null ? new AbortController().signal : AbortSignal.timeout(patienceMs);
  for await (const event of follow(session.client, "trade.*", signal)) {
    if (event !== null && concerns(event, trade.id)) {
      session.show(event, () => session.terminal.out(lineOf(session, event.time, event.type, event.says)));
      if (ENDS.has(event.type)) return;
    }
    // The stream tells what is new: what was before it, and what it lost, the state tells.
    if (event === null || event.type === "stream.gap") {
      const now = await getTrade(session, trade.id);
      if (!isTradeOver(now.state)) continue;
      session.show(now, () => {
        const { time, says } = now.end!;
        session.terminal.out(lineOf(session, time, `trade.${now.state}`, says));
      });
      return;
    }
  }
  const why = `it had not ended within ${(patienceMs ?? 0) / 1000} s`;
  const fix = "watch again, with a longer --timeout";
  throw new CliFailure(EXIT.timeout, "TIMED_OUT", "stopped watching", why, fix);
}

const concerns = (event: ApiEvent, id: string): event is TradeEvent =>
  "trade" in event && "says" in event && event.trade === id;

const ENDS: ReadonlySet<string> = new Set(["trade.paid", "trade.refunded", "trade.split"]);

function lineOf(session: Session, time: string, type: string, says: string): string {
  const paint = painter(session.terminal);
  const state = type.slice("trade.".length);
  return `${paint.dim(clock(time))}  ${state === "paid" ? paint.green(state) : paint.cyan(state)}: ${says}`;
}
