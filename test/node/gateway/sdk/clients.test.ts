// The official clients before the gateway, unmodified but for the address: what their users have in hand, whatever happens behind it.
import { describe, test } from "vitest";
import { cellsOf, expectedOf, nameOf, play } from "./play.js";
import { stage } from "./stage.js";
import { ROWS } from "./table.js";

describe("G2 G3 G15 G17 G27 G29 G33 G41 users of the official clients", () => {
  for (const row of ROWS.filter(({ meanwhile }) => meanwhile === undefined)) {
    const cells = cellsOf(row);
    test.concurrent(row.what, async ({ expect, onTestFinished }) => {
      const played = await Promise.all(
        cells.map(async (cell) => {
          const staged = await stage(cell.client.dialect, row.staged);
          onTestFinished(staged.close);
          return play(row, cell, staged);
        }),
      );
      const expected = cells.map((cell) => [nameOf(cell), expectedOf(row, cell)]);
      expect(cells.map((cell, at) => [nameOf(cell), played[at]!.seen])).toEqual(expected);
      for (const [at, { message, got, forNothing, stage }] of played.entries()) {
        const name = nameOf(cells[at]!);
        if (row.says !== undefined) expect(message, name).toMatch(row.says);
        if (row.text !== undefined) expect(got?.text, name).toMatch(row.text);
        expect([name, forNothing]).toEqual([name, 0]);
        const ends = stage.upstream.journal.visits.map(({ end }) => end);
        if (row.leavesAt !== undefined) expect(ends, name).toEqual(["left"]);
      }
    });
  }
});
