// bug: no message, operation or crash makes a machine throw.
import type { Checker, Trial } from "./checker.js";

export function bugChecker(trial: Trial): Checker {
  return {
    failed(host, happening, error) {
      const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      const where = error instanceof Error ? (error.stack?.split("\n")[2]?.trim() ?? "") : "";
      const kind = happening.kind === "message" ? `message ${happening.message.kind}` : happening.kind;
      trial.report("bug", `peer ${host.index} on ${kind}: ${what} ${where}`.trimEnd());
    },
  };
}
