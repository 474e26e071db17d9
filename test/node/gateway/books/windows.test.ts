// Windows of spending are the calendar's in UTC, and sums remember two of a kind.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { charged, NO_SUMS, spentIn } from "../../../../node/gateway/books/sums.js";
import { endOf, startOf, WINDOWS } from "../../../../node/gateway/books/windows.js";

const at = (text: string): number => Date.parse(text);

describe("windows", () => {
  test.each([
    ["day", "2026-11-27T00:00:00.000Z", "2026-11-27", "2026-11-28"],
    ["day", "2026-11-27T23:59:59.999Z", "2026-11-27", "2026-11-28"],
    ["week", "2026-11-23T00:00:00.000Z", "2026-11-23", "2026-11-30"],
    ["week", "2026-11-29T23:59:59.999Z", "2026-11-23", "2026-11-30"],
    ["week", "2027-01-01T12:00:00.000Z", "2026-12-28", "2027-01-04"],
    ["week", "1970-01-04T23:59:59.999Z", "1969-12-29", "1970-01-05"],
    ["month", "2026-11-01T00:00:00.000Z", "2026-11-01", "2026-12-01"],
    ["month", "2026-12-31T23:59:59.999Z", "2026-12-01", "2027-01-01"],
    ["month", "2028-02-29T00:00:00.000Z", "2028-02-01", "2028-03-01"],
  ] as const)("a %s holds %s", (window, moment, from, to) => {
    expect(startOf(window, at(moment))).toBe(at(from));
    expect(endOf(window, at(moment))).toBe(at(to));
  });

  test("every moment lies in its window, and the next begins where it ends", () => {
    const moment = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
    fc.assert(
      fc.property(moment, fc.constantFrom(...WINDOWS), (atMs, window) => {
        const end = endOf(window, atMs);
        expect(startOf(window, atMs)).toBeLessThanOrEqual(atMs);
        expect(end === null).toBe(window === "all");
        if (end === null) return;
        expect(end).toBeGreaterThan(atMs);
        expect(startOf(window, end)).toBe(end);
        expect(startOf(window, end - 1)).toBe(startOf(window, atMs));
      }),
    );
  });
});

describe("sums", () => {
  test("are of the window that is asked for, and of the one before", () => {
    let sums = charged(NO_SUMS, 5, at("2026-11-26T10:00Z"));
    sums = charged(sums, 7, at("2026-11-27T10:00Z"));
    expect(spentIn(sums, "day", at("2026-11-27T23:59Z"))).toBe(7);
    expect(spentIn(sums, "day", at("2026-11-26T00:00Z"))).toBe(5);
    expect(spentIn(sums, "day", at("2026-11-28T00:00Z"))).toBe(0);
    expect(spentIn(sums, "week", at("2026-11-29T00:00Z"))).toBe(12);
    expect(spentIn(sums, "month", at("2026-12-01T00:00Z"))).toBe(0);
    expect(spentIn(sums, "all", 0)).toBe(12);
  });

  test("of a third window take the place of the first's, and a clock's leap ahead does not hide today", () => {
    let sums = charged(NO_SUMS, 1, at("2026-11-25T10:00Z"));
    sums = charged(sums, 2, at("2026-11-26T10:00Z"));
    sums = charged(sums, 4, at("2026-11-27T10:00Z"));
    expect(sums.day).toHaveLength(2);
    expect(spentIn(sums, "day", at("2026-11-25T10:00Z"))).toBe(0);
    sums = charged(sums, 8, at("2031-01-01T10:00Z"));
    sums = charged(sums, 16, at("2026-11-27T11:00Z"));
    expect(spentIn(sums, "day", at("2026-11-27T12:00Z"))).toBe(20);
    sums = charged(sums, 32, at("2026-11-28T11:00Z"));
    expect(spentIn(sums, "day", at("2026-11-28T12:00Z"))).toBe(32);
    expect(sums.all).toBe(63);
  });
});
