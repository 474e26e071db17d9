// caught: a seat whose two statements of one term reached one honest peer together is slashed before the end.
import { toHex } from "../../../../src/base/index.js";
import type { AgentId } from "../../../../src/ledger/index.js";
import { type Court, convicting, Statements, speakerOf, statementIn } from "../../checks/statements.js";
import { type Checker, isHonestAndUp, type Trial } from "./checker.js";

/** Statements so far apart may have been forgotten in between. */
const TOGETHER_MS = 1_000;

/** @param graceMs a fault proven later than this before the end may still be on its way into the log */
export function caughtChecker(
  trial: Trial,
  court: Court,
  agents: readonly AgentId[],
  endMs: number,
  graceMs: number,
): Checker {
  const heard = trial.hosts.map(() => new Statements());
  const proven = new Map<number, string>();
  let isCalm = false;
  return {
    healed: () => {
      isCalm = true;
    },
    heard(host, message) {
      const atMs = trial.nowMs();
      if (!isCalm || !trial.isHonest(host) || atMs > endMs - graceMs) return;
      const speaker = speakerOf(message);
      if (speaker === null || proven.has(speaker.seat) || trial.isHonest(trial.hosts[speaker.seat]!)) return;
      const statement = statementIn(message, atMs)!;
      for (const earlier of heard[host.index]!.add(speaker.seat, speaker.term, statement) ?? []) {
        if (atMs - earlier.atMs > TOGETHER_MS) continue;
        const evidence = convicting(court, earlier, statement);
        if (evidence === null) continue;
        proven.set(speaker.seat, `${evidence.type} of term ${speaker.term} at peer ${host.index}`);
      }
    },
    ended() {
      // Notices of a slash may be lost to crashes; the ledger's own record is not.
      const slashed = new Set(
        trial.hosts
          .filter((host) => isHonestAndUp(trial, host))
          .flatMap((host) => host.machine!.convicted().map(toHex)),
      );
      for (const [seat, what] of proven) {
        if (!slashed.has(toHex(agents[seat]!)))
          trial.report("caught", `seat ${seat} was never slashed for ${what}`);
      }
    },
  };
}
