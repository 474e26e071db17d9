// Signals: the first one asks for an orderly end, the second one does not wait for it.

/** Exit code of a process that was interrupted. */
const INTERRUPTED = 130;

/**
 * Resolves at the first SIGINT or SIGTERM; the next one ends the process at once. A hangup is that too where a terminal
 * was there to hang up; where none was, it is the rotation of a log.
 * @param onRotation what a hangup asks for where there is no terminal; null: the end, as always
 */
export function untilSignal(onRotation: (() => void) | null): Promise<void> {
  const { stdin, stdout, stderr } = process;
  const onTerminal = [stdin, stdout, stderr].some(({ isTTY }) => isTTY === true);
  return new Promise((resolve) => {
    let asked = false;
    const onEnd = (): void => {
      if (asked) process.exit(INTERRUPTED);
      asked = true;
      resolve();
    };
    process.on("SIGINT", onEnd);
    process.on("SIGTERM", onEnd);
    process.on("SIGHUP", onTerminal || onRotation === null ? onEnd : onRotation);
  });
}
