// Asking before what cannot be undone: a person on a terminal says yes, a script says --yes.
import { usageFailure } from "./failure.js";
import type { Terminal } from "./terminal.js";

/** Returns once the person has agreed. @throws CliFailure USAGE where nobody can be asked, or the answer is no */
export async function agreed(
  terminal: Terminal,
  options: { readonly yes?: true },
  question: string,
  what: string,
): Promise<void> {
  if (options.yes === true) return;
  const answer = await terminal.confirm(question);
  if (answer === null) throw usageFailure(what, "nobody can be asked here", "add --yes");
  if (!answer) throw usageFailure(what, "you said no", "add --yes to be asked no more");
}
