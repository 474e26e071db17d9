// The official clients before the gateway, unmodified but for the address: what their users have in hand, whatever happens behind it.
import { setTimeout as wait } from "node:timers/promises";
import { describe, test } from "vitest";
import { areNewest, CLIENTS, type Client, type Got } from "./clients.js";
import { outcomeOf } from "./outcome.js";
import { type Stage, stage } from "./stage.js";
import { cellOf, ROWS, type Row } from "./table.js";

const TEXT = "hello [write 12 tokens]";
const PLAIN = { shape: "plain", text: TEXT, maxTokens: 80 } as const;

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await wait(2);
};

/** Requests of the client that have come to an end, whatever it was. */
const askedBy = ({ passed }: Stage): number =>
  passed.filter(({ caller }) => caller.who !== "session:somebody-else").length;

/** What came of it, how often the client asked, and how often the gateway sent it. */
function words(outcome: string, asked: number, sent: number): string {
  const often = asked > 1 ? `, asked ${asked}×` : "";
  return outcome + often + (sent === 0 ? ", never sent" : sent === asked ? "" : `, sent ${sent}×`);
}

interface Played {
  readonly seen: string;
  readonly message: string;
  readonly got: Got | null;
  readonly stage: Stage;
}

async function play(row: Row, client: Client, isStream: boolean, staged: Stage): Promise<Played> {
  const { journal } = staged.upstream;
  const settings = { url: staged.url, key: "any" };
  if (row.isFull) await outcomeOf(client, client.ask(settings, { isStream, ...PLAIN }));
  await row.before?.(staged, client);
  const sentBefore = journal.visits.length;
  const askedBefore = askedBy(staged);
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
  const { words: outcome, got, message } = await outcomeOf(client, asked);
  await until(() => staged.counts.running === 0 && journal.visits.every(({ end }) => end !== "open"));
  const seen = words(outcome, askedBy(staged) - askedBefore, journal.visits.length - sentBefore);
  return { seen, message, got, stage: staged };
}

const CELLS = CLIENTS.flatMap((client) => [false, true].map((isStream) => ({ client, isStream })));
const nameOf = ({ client, isStream }: (typeof CELLS)[number]): string =>
  `${client.name}, ${isStream ? "streamed" : "whole"}`;
const expectedOf = (row: Row, { client, isStream }: (typeof CELLS)[number]): string | undefined =>
  cellOf(row, client, isStream, areNewest);

describe("G2 G3 G15 G17 G27 G29 G33 users of the official clients", () => {
  for (const row of ROWS) {
    const cells = CELLS.filter(({ client, isStream }) => expectedOf(row, { client, isStream }) !== undefined);
    test.concurrent(row.what, async ({ expect, onTestFinished }) => {
      const played = await Promise.all(
        cells.map(async ({ client, isStream }) => {
          const staged = await stage(client.dialect, row.staged);
          onTestFinished(staged.close);
          return play(row, client, isStream, staged);
        }),
      );
      const expected = cells.map((cell) => [nameOf(cell), expectedOf(row, cell)]);
      expect(cells.map((cell, at) => [nameOf(cell), played[at]!.seen])).toEqual(expected);
      for (const [at, { message, got, stage }] of played.entries()) {
        const name = nameOf(cells[at]!);
        if (row.says !== undefined) expect(message, name).toMatch(row.says);
        if (row.text !== undefined) expect(got?.text, name).toMatch(row.text);
        const ends = stage.upstream.journal.visits.map(({ end }) => end);
        if (row.leavesAt !== undefined) expect(ends, name).toEqual(["left"]);
      }
    });
  }
});
