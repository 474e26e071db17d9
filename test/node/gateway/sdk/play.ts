// One row of the table for one client: what is staged, what its user does, and what they have in hand in the end.
import { setTimeout as wait } from "node:timers/promises";
import type { Passed } from "../../../../node/gateway/passed.js";
import type { Client, Got } from "./client.js";
import type { ClientTime } from "./client-time.js";
import { CLIENTS } from "./clients.js";
import { areNewest } from "./modules.js";
import { outcomeOf } from "./outcome.js";
import type { Stage } from "./stage.js";
import { cellOf, type Row } from "./table.js";

const TEXT = "hello [write 12 tokens]";
const PLAIN = { shape: "plain", text: TEXT, maxTokens: 80 } as const;

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await wait(2);
};

const isOthers = ({ caller }: Passed): boolean => caller.who === "session:somebody-else";
/** Requests of the client that have come to an end, whatever it was. */
const askedBy = ({ passed }: Stage) => passed.filter((one) => !isOthers(one));
/** Of those that the upstream was sent, the client's. */
const sentBy = ({ passed, upstream }: Stage): number =>
  upstream.journal.visits.length - passed.filter((one) => isOthers(one) && one.used !== null).length;

/** What came of it, how often the client asked, and how often the gateway sent it. */
function words(outcome: string, asked: number, sent: number): string {
  const often = asked > 1 ? `, asked ${asked}×` : "";
  return outcome + often + (sent === 0 ? ", never sent" : sent === asked ? "" : `, sent ${sent}×`);
}

export interface Played {
  /** as the table has it */
  readonly seen: string;
  readonly message: string;
  readonly got: Got | null;
  /** micro-credits that were charged for requests of the client's which never reached the upstream */
  readonly forNothing: number;
  readonly stage: Stage;
}

export async function play(
  row: Row,
  { client, isStream }: Cell,
  staged: Stage,
  time: ClientTime | null = null,
): Promise<Played> {
  const { journal } = staged.upstream;
  const settings = { url: staged.url, key: "any" };
  if (row.isFull) await outcomeOf(client, client.ask(settings, { isStream, ...PLAIN }));
  await row.before?.(staged, client);
  await until(() => staged.counts.running === 0);
  const { waiting } = staged.counts;
  const sentBefore = sentBy(staged);
  const before = askedBy(staged).length;
  const leaving = new AbortController();
  let pieces = 0;
  const onPiece = () => {
    pieces += 1;
    if (row.leavesAt === "piece" && pieces === 6) leaving.abort();
  };
  const asked = client.ask(
    { ...settings, ...row.settings },
    { isStream, ...PLAIN, ...row.wanted, onPiece, signal: leaving.signal },
  );
  if (row.leavesAt === "once") void until(() => journal.visits.length > 0).then(() => leaving.abort());
  let isOver = false;
  const outcome = outcomeOf(client, asked).finally(() => {
    isOver = true;
  });
  if (time !== null)
    await until(() => {
      if (!isOver) row.meanwhile!(staged, time, staged.counts.waiting > waiting);
      return isOver;
    });
  const { words: told, got, message } = await outcome;
  await until(() => staged.counts.running === 0 && journal.visits.every(({ end }) => end !== "open"));
  await until(() => staged.counts.waiting <= waiting);
  const ends = askedBy(staged).slice(before);
  const seen = words(told, ends.length, sentBy(staged) - sentBefore);
  const forNothing = ends.filter(({ used }) => used === null).reduce((sum, { cost }) => sum + cost, 0);
  return { seen, message, got, forNothing, stage: staged };
}

export interface Cell {
  readonly client: Client;
  readonly isStream: boolean;
}

const CELLS = CLIENTS.flatMap((client) => [false, true].map((isStream) => ({ client, isStream })));

export const nameOf = ({ client, isStream }: Cell): string =>
  `${client.name}, ${isStream ? "streamed" : "whole"}`;
export const expectedOf = (row: Row, { client, isStream }: Cell): string | undefined =>
  cellOf(row, client, isStream, areNewest);
export const cellsOf = (row: Row): readonly Cell[] =>
  CELLS.filter((cell) => expectedOf(row, cell) !== undefined);
