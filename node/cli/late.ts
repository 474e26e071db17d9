// Lateness, to people who wait: an operation that the log leaves out pays too little.
import type { ApiEvent } from "../contract/index.js";
import type { Session } from "./session.js";
import { creditsOf, short } from "./show.js";

/** `waits since 3 entries; raise with …`, on stderr, if the event is of the operation that is waited for. */
export function tellIfLate(session: Session, event: ApiEvent | null, operation: string | null): void {
  if (event?.type !== "operation.waiting" || (operation !== null && event.operation !== operation)) return;
  const raise = `${session.terminal.self} wallet raise ${event.operation} --fee ${creditsOf(event.suggestedFee)}`;
  session.terminal.err(
    `${short(event.operation)} waits since ${event.entries} entries at ${creditsOf(event.fee)} credits; raise with: ${raise}`,
  );
}
