// How long the official clients wait, and how often they come again: by their own rules and the gateway's words, on a time that the test moves.
import { describe, expect, onTestFinished, test } from "vitest";
import { ClientTime } from "./client-time.js";
import { cellsOf, expectedOf, nameOf, play } from "./play.js";
import { stage } from "./stage.js";
import { ROWS } from "./table.js";

describe("G15 G17 G27 G29 users of the official clients, who wait", () => {
  for (const row of ROWS.filter(({ meanwhile }) => meanwhile !== undefined)) {
    test.each(cellsOf(row).map((cell) => [nameOf(cell), cell] as const))(
      `${row.what}: %s`,
      async (_, cell) => {
        const staged = await stage(cell.client.dialect, row.staged);
        onTestFinished(staged.close);
        const time = new ClientTime();
        const { seen, message, got, forNothing } = await play(row, cell, staged, time);
        expect(seen).toBe(expectedOf(row, cell));
        if (row.says !== undefined) expect(message).toMatch(row.says);
        if (row.text !== undefined) expect(got?.text).toMatch(row.text);
        expect(forNothing).toBe(0);
        const { waits: [least, most] = [0, Number.POSITIVE_INFINITY] } = row;
        expect(time.waited.filter((ms) => ms < least || ms > most)).toEqual([]);
      },
    );
  }
});
