// What a daemon says when it starts: where everything is, which process it is, and "ready" only when it is.
import { expect, test } from "vitest";
import { banner, readyLine } from "../../node/banner.js";

const chain = new Uint8Array(32).fill(0xc0);
const node = {
  peerId: "12D3KooW",
  persistent: true,
  multiaddrs: () => ["/ip4/127.0.0.1/tcp/1"],
  peer: { electorate: { size: 4, tolerance: 1 }, voter: { seat: 2 }, ledger: { network: { chain } } },
};
const places = { url: "http://127.0.0.1:7810", tokenFile: "h/token", home: "h", agent: chain };

function said(json: boolean, say: typeof banner, waitsFor: string | null): string[] {
  const lines: string[] = [];
  say({ io: { out: (line: string) => lines.push(line) }, json } as never, node as never, places, waitsFor);
  return lines;
}

test("for people it names its process, which is the one to kill", () => {
  expect(said(false, banner, null)).toContain(`Process  ${process.pid}`);
  expect(JSON.parse(said(true, banner, null)[0]!).pid).toBe(process.pid);
});

test("it says which seat its peer holds, or that it follows", () => {
  expect(said(false, banner, null)).toContain("Seat     2, held by this peer");
  expect(JSON.parse(said(true, banner, null)[0]!).seat).toBe(2);
});

test.each([
  [null, "Daemon is ready"],
  ["the log to move", "Daemon is not ready: it waits for the log to move"],
])("waiting for %j, its last line is: %s", (waitsFor, line) => {
  expect(said(false, banner, waitsFor).at(-1)).toBe(line);
  expect(said(false, readyLine, waitsFor)).toEqual([line]);
  expect(JSON.parse(said(true, readyLine, waitsFor)[0]!)).toMatchObject({
    ready: waitsFor === null,
    waitsFor,
  });
});
