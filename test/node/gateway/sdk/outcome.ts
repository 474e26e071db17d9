// What a user of an official client has in hand in the end, in a few words: an answer, or which error with which figures.
import type { Client, Got } from "./client.js";

// biome-ignore lint/suspicious/noExplicitAny: each client's errors have fields of their own
type Loose = any;

export interface Outcome {
  /** `answer`; `part` where its end is missing, `nothing` where all of it is; or the error's class, its status, and the word by which programs tell it */
  readonly words: string;
  readonly got: Got | null;
  /** what a person reads of it; "": nothing went wrong */
  readonly message: string;
}

export async function outcomeOf(client: Client, asked: Promise<Got>): Promise<Outcome> {
  try {
    const got = await asked;
    const words = got.text === "" ? "nothing" : got.isWhole ? "answer" : "part";
    return { words, got, message: "" };
  } catch (error) {
    const one = error as Loose;
    const parts = [one.constructor.name, one.status, wordOf(client, one)];
    const told = parts.filter((part) => part !== undefined && part !== null);
    return { words: told.join(" "), got: null, message: String(one.message) };
  }
}

function wordOf({ dialect }: Client, error: Loose): string | undefined {
  switch (dialect) {
    case "openai":
    case "azure":
      return error.code ?? error.type;
    case "anthropic":
      return error.error?.error?.details?.error_code ?? error.type;
    case "google": {
      const told = parsed(error.message);
      const inner = (Array.isArray(told) ? told[0] : told)?.error;
      return inner?.details?.find((one: Loose) => one.reason)?.reason ?? inner?.status;
    }
  }
}

function parsed(text: string): Loose {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
