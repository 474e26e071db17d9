// `mabeam budget open`: whose consent a file holds is told before anything is asked.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { open } from "../../../node/cli/commands/budget.js";
import type { Session } from "../../../node/cli/session.js";

const folder = mkdtempSync(join(tmpdir(), "mabeam-consent-"));
afterAll(() => rmSync(folder, { recursive: true }));

const [owner, child, other] = ["aa", "bb", "cc"].map((byte) => byte.repeat(32)) as [string, string, string];
const consent = join(folder, "consent.json");
writeFileSync(
  consent,
  JSON.stringify({
    ...{ apiVersion: "v1", kind: "BudgetConsent", owner, child },
    ...{ perAuction: "20000000", perPeriod: "50000000", until: "2026-11-28T03:24:49.910Z" },
    consent: { nth: 0, signature: "7f".repeat(64) },
  }),
);

const asked: unknown[] = [];
const session = {
  client: {
    async ask(_route: string, { body }: { readonly body: unknown }) {
      asked.push(body);
      return { agent: owner };
    },
  },
  show() {},
} as unknown as Session;

test("another child's consent is told as that, and asks for nothing", async () => {
  await expect(open(session, { consent }, other)).rejects.toThrow(new RegExp(`is the consent of ${child}`));
  expect(asked).toEqual([]);
});

test("the child's own is sent with the limits that it has agreed to", async () => {
  await open(session, { consent }, child);
  expect(asked).toEqual([
    {
      child,
      ...{ perAuction: "20000000", perPeriod: "50000000", until: "2026-11-28T03:24:49.910Z" },
      consent: { nth: 0, signature: "7f".repeat(64) },
    },
  ]);
});
