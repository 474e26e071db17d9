// A way through the states as text: what happened to whom, and what that seat said then.
import type { Explored } from "./explore.js";
import type { Action } from "./member.js";
import type { Step } from "./moves.js";
import { GENESIS, type Name } from "./names.js";
import { ELECTORATE } from "./world.js";

const entry = (name: Name): string => (name === GENESIS ? "genesis" : `entry ${name}`);

function happened(action: Action): string {
  switch (action.kind) {
    case "idle":
      return "has waited long enough for company";
    case "timeout":
      return "runs out of patience";
    case "propose":
      return `gets PROPOSE of ${entry(action.name)}${action.justified ? "" : ", without certificates for its gap"}`;
    case "ackCert":
      return `gets the AckCert of ${entry(action.name)}${action.bare ? ", not the entry" : ""}`;
    case "skipCert":
      return `gets the SkipCert of term ${action.term}`;
    case "commitCert":
      return `gets the CommitCert of ${entry(action.name)}`;
    case "crash":
      return "is killed and starts again";
  }
}

/** "ack 2 1.2a" as the rules write it. */
function wordAloud(word: string): string {
  const [kind, term, name] = word.split(" ") as [string, string, string];
  return kind === "skip" ? `SKIP(${term})` : `${kind.toUpperCase()}(${name})`;
}

/** One line for each step, then the law that is broken. */
export function transcript({ search }: Explored, law: string, way: readonly Step[]): string {
  const { moves } = search;
  const members = new Map(
    moves.start.map((local, at) => [moves.seats[at]!, moves.locals[at]![local]!.member]),
  );
  const lines = way.map((step, i) => {
    const before = members.get(step.seat)!;
    const after = step.torn ? before.cutShort(step.action)! : before.after(step.action);
    members.set(step.seat, after);
    const said = [...after.words.keys()].filter((word) => !before.words.has(word)).map(wordAloud);
    const torn = step.torn ? ", loses power between guard and disk, and starts again" : "";
    return `${i + 1}. seat ${step.seat} ${happened(step.action)}${torn}${said.length > 0 ? `: says ${said.join(", ")}` : ""}`;
  });
  return [cast(moves.seats), ...lines, `=> ${law}`].join("\n");
}

/** Who leads and who lies. */
function cast(honest: readonly number[]): string {
  const seats = ELECTORATE.set.members.map((_, i) => ELECTORATE.leaderOf(i + 1));
  const liars = seats.filter((seat) => !honest.includes(seat));
  return `Seats ${seats.join(", ")} lead terms 1 to ${seats.length}; seat ${liars.join(" and seat ")} lies.`;
}
