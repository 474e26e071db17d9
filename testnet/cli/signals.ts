// Signals: the first one asks for an orderly end, the second one does not wait for it.

/** Exit code of a process that was interrupted. */
const INTERRUPTED = 130;

/** Resolves at the first SIGINT or SIGTERM; the next one ends the process at once. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (): void => {
      if (asked) process.exit(INTERRUPTED);
      asked = true;
      resolve();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}
