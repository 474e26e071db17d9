// The terminal of a process: plain where it should be, and nothing on it that steers.
import { PassThrough } from "node:stream";
import { afterEach, expect, test, vi } from "vitest";
import { processTerminal } from "../../node/cli/terminal.js";
import { keptEnvironment } from "./cli/cli-fixture.js";

const restore = keptEnvironment("TERM", "NO_COLOR");
afterEach(() => {
  restore();
  vi.unstubAllGlobals();
});

const ESC = "\u001b";

/** What a process with these streams writes. */
function terminal(outTty: boolean, errTty: boolean, env: { TERM?: string; NO_COLOR?: string } = {}) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  Object.assign(out, { isTTY: outTty });
  Object.assign(err, { isTTY: errTty });
  vi.stubGlobal("process", {
    ...process,
    argv: process.argv,
    cwd: process.cwd,
    env,
    stdout: out,
    stderr: err,
  });
  return {
    terminal: processTerminal(),
    out: () => String(out.read() ?? ""),
    err: () => String(err.read() ?? ""),
  };
}

const painted = `${ESC}[33mwarning${ESC}[39m ${ESC}[2J`;

test.each([
  ["a terminal", true, {}, true],
  ["no terminal", false, {}, false],
  ["a dumb terminal", true, { TERM: "dumb" }, false],
  ["NO_COLOR", true, { NO_COLOR: "1" }, false],
  ["an empty NO_COLOR, which is none", true, { NO_COLOR: "" }, true],
])("%s: colours or none, and never what steers", (_name, tty, env, colors) => {
  const { terminal: it, out, err } = terminal(tty, tty, env);
  it.out(painted);
  it.err(painted);
  const expected = `${colors ? `${ESC}[33mwarning${ESC}[39m` : "warning"} \\u001b[2J\n`;
  expect([it.colors, out(), err()]).toEqual([colors, expected, expected]);
});

test("a stream to a file stays plain beside one to a terminal", () => {
  const { terminal: it, out, err } = terminal(true, false);
  it.out(`${ESC}[33ma${ESC}[39m`);
  it.err(`${ESC}[33mb${ESC}[39m`);
  expect([out(), err()]).toEqual([`${ESC}[33ma${ESC}[39m\n`, "b\n"]);
});

test("a dumb terminal shows no progress", () => {
  expect(terminal(true, true, { TERM: "dumb" }).terminal.progress).toBe(false);
  expect(terminal(true, true).terminal.progress).toBe(true);
});

test("a terminal that is hung up on while it asks has answered nothing", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  for (const stream of [input, output]) Object.assign(stream, { isTTY: true });
  const streams = { stdin: input, stdout: output, stderr: output };
  vi.stubGlobal("process", { ...process, argv: [], cwd: process.cwd, env: {}, ...streams });
  const asking = processTerminal().confirm("Sure?");
  input.end();
  expect(await asking).toBeNull();
});
