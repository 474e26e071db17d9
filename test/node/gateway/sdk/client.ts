// What tests ask of an official client: a request in one of three shapes, and what its user has in hand of it.
/** What a user sets beside the address; absent: as the client has it. */
export interface Settings {
  readonly url: string;
  readonly key: string;
  readonly maxRetries?: number;
  /** OpenAI's client tells it only where it is set for a request, not for all of them */
  readonly timeoutMs?: number;
}

export interface Wanted {
  readonly isStream: boolean;
  /** `tool`: the model calls one, and is told what it said; `turns`: the conversation has some turns already */
  readonly shape: "plain" | "tool" | "turns";
  readonly text: string;
  readonly maxTokens: number;
  /** a stream is asked to tell usage, where it does not by itself */
  readonly asksUsage?: boolean;
  /** told of each piece of a stream */
  readonly onPiece?: () => void;
  readonly signal?: AbortSignal;
}

/** What a user has in hand after one or several requests. */
export interface Got {
  readonly text: string;
  /** the answer says that this is all of it */
  readonly isWhole: boolean;
  /** what the tool was called with; null: it was not */
  readonly call: unknown;
  /** output tokens of the last answer; null: no usage was told */
  readonly output: number | null;
  /** all that the client handed over, as it did */
  readonly raw: readonly unknown[];
}

export interface Client {
  readonly name: "openai chat" | "openai responses" | "azure chat" | "anthropic" | "google";
  readonly dialect: "openai" | "azure" | "anthropic" | "google";
  ask(settings: Settings, wanted: Wanted): Promise<Got>;
}

export const TOOL = "look_up";
export const WEATHER = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
export const SAYS = "Looks up the weather of a city.";
export const FOUND = "sunny [write 9 tokens]";
export const SYSTEM = "You answer briefly.";
export const EARLIER = [
  { role: "user", content: "Is it warm?" },
  { role: "assistant", content: "It is." },
] as const;

const isAsync = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

/** Everything of an answer, streamed or whole. */
export async function taken<T>(
  answer: T | AsyncIterable<T>,
  onPiece: () => void = () => undefined,
): Promise<T[]> {
  if (!isAsync(answer)) return [answer as T];
  const pieces: T[] = [];
  for await (const piece of answer as AsyncIterable<T>) {
    pieces.push(piece);
    onPiece();
  }
  return pieces;
}

// biome-ignore lint/suspicious/noExplicitAny: a field that is not there fails the test that compares it
export type Loose = any;

/** One request, and where a tool was called a second one. */
export async function twice({ shape }: Wanted, ask: (call: Loose) => Promise<Got>): Promise<Got> {
  const first = await ask(null);
  if (shape !== "tool" || first.call === null) return first;
  const second = await ask(first);
  return { ...second, call: first.call, raw: [...first.raw, ...second.raw] };
}

export const optional = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [one in K]?: V };
