// An answer is held against the question, whole: what answers may be another's daemon.
import { EXIT } from "./commands.js";
import { CliFailure } from "./failure.js";

/** @throws CliFailure if what was answered is not what was asked for, by its id or a beginning of it */
export function mustBeAsked(asked: string, answered: string, what: string): void {
  if (answered.startsWith(asked)) return;
  throw new CliFailure(
    EXIT.verification,
    "ANSWER_OF_ANOTHER",
    what,
    `${asked} was asked for, and the answer is of ${answered}`,
    "ask another daemon with --api: this one answers something else",
  );
}

/** In words, the first field in which a claim differs from what is proven; null: it says the same. */
export function difference(proven: object, claimed: object): string | null {
  const [mine, theirs] = [new Map(Object.entries(proven)), new Map(Object.entries(claimed))];
  for (const name of new Set([...mine.keys(), ...theirs.keys()])) {
    const [a, b] = [JSON.stringify(mine.get(name)), JSON.stringify(theirs.get(name))];
    if (a !== b) return `the daemon says ${name} ${b}, proven is ${a}`;
  }
  return null;
}
