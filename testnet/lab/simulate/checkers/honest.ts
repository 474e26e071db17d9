// honest: nothing that an honest member ever signed incriminates it, and no honest bond is ever slashed.
import { toHex } from "../../../../src/base/index.js";
import type { AgentId } from "../../../../src/ledger/index.js";
import { slashWrong } from "../../checks/slashing.js";
import { type Court, convicting, Statements, speakerOf, statementIn } from "../../checks/statements.js";
import type { Checker, Trial } from "./checker.js";

/** @param agents the agent of each host; hosts with seats come first, in the order of seats */
export function honestChecker(trial: Trial, court: Court, agents: readonly AgentId[]): Checker {
  const signed = new Statements();
  const honestAgents = new Set(
    trial.hosts.filter((host) => trial.isHonest(host)).map((host) => toHex(agents[host.index]!)),
  );
  return {
    sent(host, outgoing) {
      if (outgoing.to === "topic" || !trial.isHonest(host)) return;
      const speaker = speakerOf(outgoing.message);
      if (speaker === null || speaker.seat !== host.index) return;
      const statement = statementIn(outgoing.message, trial.nowMs())!;
      for (const earlier of signed.add(speaker.seat, speaker.term, statement) ?? []) {
        const evidence = convicting(court, earlier, statement);
        if (evidence === null) continue;
        trial.report(
          "honest",
          `the honest seat ${speaker.seat} signed ${evidence.type} in term ${speaker.term}`,
        );
      }
    },
    noticed(host, notice) {
      const wrong = trial.isHonest(host) ? slashWrong(notice, honestAgents) : null;
      if (wrong !== null) trial.report("honest", `peer ${host.index} ${wrong}`);
    },
  };
}
