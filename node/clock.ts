// The clock of a peer: wall time that never runs backwards and never stands still.
import { performance } from "node:perf_hooks";

/** How fast time passes while the wall clock is behind what was already handed out. */
const CATCH_UP_SPEED = 0.5;

/**
 * A clock in whole milliseconds since 1970.
 *
 * It follows the wall clock forwards at once. When the wall clock is set back, it goes on at half speed until the
 * wall clock has caught up: were it merely held, every deadline of the peer would stand still as long as the step
 * was wide, and an hour's step would silence a member for an hour.
 * @param wallMs the machine's idea of the date, which may jump either way
 * @param monotonicMs milliseconds since some start, which never decrease
 */
export function steadyClock(
  wallMs: () => number = Date.now,
  monotonicMs: () => number = () => performance.now(),
): () => number {
  let handedOut = wallMs();
  let readAt = monotonicMs();
  return () => {
    const elapsed = Math.max(0, monotonicMs() - readAt);
    readAt += elapsed;
    handedOut = Math.max(wallMs(), handedOut + elapsed * CATCH_UP_SPEED);
    return Math.floor(handedOut);
  };
}
