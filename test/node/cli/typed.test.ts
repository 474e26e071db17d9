// What people type, read as it was meant or refused: nothing is rolled over, cut, guessed or silently not waited for.
import { InvalidArgumentError } from "commander";
import { afterEach, describe, expect, test } from "vitest";
import { calledAs } from "../../../node/cli/called-as.js";
import {
  creditList,
  credits,
  duration,
  moment,
  path,
  patience,
  wholeNumber,
} from "../../../node/cli/parse.js";
import { clock } from "../../../node/cli/show.js";
import { usualPlaces } from "../../../node/config/paths.js";
import { closeAll, keptEnvironment, mabeam, newHome, world } from "./cli-fixture.js";

afterEach(closeAll);

afterEach(keptEnvironment("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"));

const refusal = (read: () => unknown): string => {
  try {
    return `taken: ${String(read())}`;
  } catch (error) {
    return error instanceof InvalidArgumentError ? "refused" : `threw ${String(error)}`;
  }
};

describe("an amount", () => {
  test.each([
    "2,5",
    "1,500",
    "1,500.00",
    "1 500",
    " 2",
    "2 ",
    "+2",
    "-0",
    "1e3",
    "0x10",
    "٢",
    "２",
    ".5",
    "2.",
    "1_000",
  ])("“%s” is not guessed", (text) => {
    expect([refusal(() => credits(text)), refusal(() => creditList(text))]).toEqual(["refused", "refused"]);
  });

  test("a lockup with a comma: 2, and both ways to mean it", async () => {
    const { run, host } = await world();
    for (const lockup of ["2,5", "1,500"]) {
      const { exit, err } = await run(["auction", "create", "gpu.a100", "--lockup", lockup]);
      expect([exit, host.commands]).toEqual([2, []]);
      expect(err).toMatch(/no comma: write 2\.5 or 1500, and give the option again for another amount/);
    }
  });

  test("is exact at its limits", () => {
    expect([credits("0"), credits("0.000001"), credits("9007199254.740991")]).toEqual([
      "0",
      "1",
      "9007199254740991",
    ]);
    expect(refusal(() => credits("9007199254.740992"))).toBe("refused");
  });
});

describe("a duration", () => {
  test("what this program waits for is at most what its timers can, and more is refused with the limit", async () => {
    expect(patience("24d")).toBeLessThan(2 ** 31);
    expect(patience("24d")).toBe(24 * 86_400_000);
    for (const text of ["25d", "50d", "577h", "2073600001ms"]) {
      expect(refusal(() => patience(text))).toBe("refused");
      const { exit, err } = await mabeam(newHome(), ["status", "--timeout", text]);
      expect([exit, err]).toEqual([2, expect.stringContaining("At most 24d")]);
    }
  });

  test("what the network waits for may be longer, and is a whole number all the same", () => {
    expect(duration("50d")).toBe(50 * 86_400_000);
    expect(duration("3650d")).toBe(3650 * 86_400_000);
    for (const text of [
      "3651d",
      "999999999d",
      "999999999999999ms",
      "1.5h",
      "5",
      "-5s",
      "5S",
      "1e3s",
      "5m30s",
    ])
      expect(refusal(() => duration(text))).toBe("refused");
  });
});

describe("a moment", () => {
  test.each([
    "2026-02-30T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "2026-04-31T12:00:00+02:00",
    "2026-05-01T24:00:00Z",
    "2026-05-01T12:60:00Z",
    "2026-05-01T12:00:60Z",
    "2026-13-01T12:00:00Z",
    "2026-05-01T12:00:00",
    "2026-05-01T12:00:00+25:00",
    "2026-05-01",
    "05/01/2026",
    "2026-05-01T12:00:00Z (noon)",
  ])("“%s” is no time that a calendar shows", (text) => {
    expect(refusal(() => moment(text))).toBe("refused");
  });

  test("is the same moment in every zone", () => {
    expect(moment("2028-02-29T23:30:00-01:00")).toBe("2028-03-01T00:30:00.000Z");
    expect(moment("2026-05-01T12:00Z")).toBe("2026-05-01T12:00:00.000Z");
  });
});

test("a whole number is written in digits, and no parser makes one of anything else", () => {
  const read = wholeNumber(0, Number.MAX_SAFE_INTEGER);
  expect([read("0"), read("9007199254740991")]).toEqual([0, Number.MAX_SAFE_INTEGER]);
  for (const text of [
    "9007199254740992",
    "9007199254740993",
    "-0",
    "+1",
    "1e3",
    "0x10",
    "1.0",
    " 1",
    "1 ",
    "",
    "٣",
  ])
    expect(
      refusal(() => read(text)),
      text,
    ).toBe("refused");
});

test.each([
  "http://127.0.0.1:80@evil.example",
  "127.1:80",
  "0x7f.0.0.1:80",
  "127.0.0.1:080",
  "127.0.0.1:80#x",
])("an address “%s” is not taken for what a parser makes of it", async (api) => {
  const { run } = await world();
  const { exit, err } = await run(["status", "--api", api]);
  expect([exit, err]).toEqual([2, expect.stringContaining("no host:port")]);
});

describe("a path", () => {
  test("begins with the home folder where it begins with ~, and with nobody else's", () => {
    process.env.HOME = "/home/of me";
    expect([path("~"), path("~/a"), path("a~"), path("./~a")]).toEqual([
      "/home/of me",
      "/home/of me/a",
      "a~",
      "./~a",
    ]);
    expect([refusal(() => path("~other/a")), refusal(() => path(""))]).toEqual(["refused", "refused"]);
  });

  test("no home folder is known: said in words, and not needed where one is named", async () => {
    for (const name of ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"]) delete process.env[name];
    process.env.HOME = "";
    expect(() => usualPlaces()).toThrow(/HOME is not set/);
    expect(refusal(() => path("~/a"))).toBe("refused");
    const { exit, err } = await mabeam("", "status", { env: {} });
    expect([exit, err]).toEqual([2, expect.stringMatching(/HOME is not set[\s\S]*--home or MABEAM_HOME/)]);
    expect((await mabeam(newHome(), "status")).exit).toBe(3);
  });

  test("a relative XDG folder is ignored, as its specification says", () => {
    process.env.HOME = "/home/me";
    process.env.XDG_DATA_HOME = "relative";
    if (process.platform === "linux") expect(usualPlaces().home).toBe("/home/me/.local/share/mabeam");
  });
});

test("commands are printed as they were called, in words of a shell", () => {
  const called = (script: string, folder = "/work/app") => calledAs(script, folder, "linux");
  expect(called("/work/app/bin/mabeam.mjs")).toBe("bin/mabeam.mjs");
  expect(called("/work/app/bin/mabeam.mjs", "/work/app/bin")).toBe("./mabeam.mjs");
  expect(called("/work/app/bin/mabeam.mjs", "/elsewhere")).toBe("/work/app/bin/mabeam.mjs");
  expect(called("/work/my app/bin/mabeam.mjs", "/elsewhere")).toBe("'/work/my app/bin/mabeam.mjs'");
  expect(called("/usr/local/bin/mabeam")).toBe("mabeam");
  expect(called("/work/app/node_modules/.bin/mabeam")).toBe("npx mabeam");
  expect(calledAs("/work/app/bin/mabeam.mjs", "/work/app", "win32")).toBe("node bin/mabeam.mjs");
});

test("a time half a day off has its day and its zone", () => {
  const now = Date.parse("2026-05-01T12:00:00Z");
  expect(clock("2026-05-01T12:00:08.250Z", now)).toBe("12:00:08.250");
  expect(clock("2026-05-02T08:00:00.000Z", now)).toBe("2026-05-02 08:00:00Z");
  expect(clock(null, now)).toBe("–");
});

test.each([
  [["id", "--out", "member.json"], /--out says something of a seat to be founded/],
  [["id", "--insecure-plain-keys"], /--insecure-plain-keys says something of a seat/],
  [["id", "--seat", "--network", "two words"], /without blanks/],
  [["id", "--seat", "--bond", "1,5"], /no comma/],
  [["network", "create", "--name", "ü"], /without blanks/],
  [["network", "create", "--trust", "nobody"], /domain, strangers/],
  [["network", "create", "--allowance", "-1"], /allowance/],
  [["network", "show"], /file/],
  [["daemon", "--genesis", ""], /A path is not empty/],
])("of a network to be founded, %j is refused as it was typed", async (line, says) => {
  const { run, host } = await world();
  const { exit, out, err } = await run(line);
  expect([exit, out, host.commands]).toEqual([2, [], []]);
  expect(err).toMatch(says);
});
