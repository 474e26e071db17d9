// G7 An agent of a ledger that signs is the caller; what does not verify, is over or holds for too long is refused.
import { expect, test } from "vitest";
import { agentKey } from "../../../node/crypto/signer.js";
import { NO_SPENDING_LIMITS } from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import {
  MOST_SIGNED_MS,
  SIGNED_FIELD,
  SignedAgents,
  signedField,
} from "../../../node/gateway/signed-agent.js";
import { toHex } from "../../../src/base/index.js";
import { errorOf, stage } from "./stage.js";

const KEY = agentKey(new Uint8Array(32).fill(7));
const AGENT = toHex(KEY.publicKey);
const NOW_MS = 1_000_000;

test("G7 it holds until its moment, and for no longer than 31 days", () => {
  const signed = new SignedAgents();
  const at = (untilMs: number) => signed.agentIn(signedField(KEY, untilMs), NOW_MS);
  expect([NOW_MS, NOW_MS + 1, NOW_MS + MOST_SIGNED_MS, NOW_MS + MOST_SIGNED_MS + 1].map(at)).toEqual([
    ...[null, AGENT, AGENT, null],
  ]);
  const field = signedField(KEY, NOW_MS + 10);
  expect([NOW_MS, NOW_MS + 9, NOW_MS + 10].map((ms) => signed.agentIn(field, ms))).toEqual([
    AGENT,
    AGENT,
    null,
  ]);
});

test("G7 no letter of it may be another", () => {
  const signed = new SignedAgents();
  const field = signedField(KEY, NOW_MS + 5_000);
  expect(signed.agentIn(field, NOW_MS)).toBe(AGENT);
  for (let at = 0; at < field.length; at++) {
    // The last letter of a signature has four bits that say nothing.
    if (at === field.length - 1) continue;
    const other = field[at] === "1" ? "2" : "1";
    expect(signed.agentIn(field.slice(0, at) + other + field.slice(at + 1), NOW_MS)).toBeNull();
  }
  const elses = signedField(agentKey(new Uint8Array(32).fill(8)), NOW_MS + 5_000).slice(64);
  const odd = ["", "signed", `${field} `, field.toUpperCase(), AGENT + elses, `${AGENT}.0${field.slice(65)}`];
  expect(odd.map((one) => signed.agentIn(one, NOW_MS))).toEqual(odd.map(() => null));
  // A key of small order accepts signatures of anything elsewhere.
  const small = `${"01".padEnd(64, "0")}.${NOW_MS + 5_000}.${Buffer.concat([Buffer.from("01".padEnd(64, "0"), "hex"), Buffer.alloc(32)]).toString("base64url")}`;
  expect(signed.agentIn(small, NOW_MS)).toBeNull();
});

test("G7 who signs is itself or its session, on the terms of unknown; the ledger's agent of a named one is that one", async () => {
  const named = NamedAgents.open(null);
  const added = await named.add(
    "ada",
    { weight: 1, band: "normal", parent: null, limits: NO_SPENDING_LIMITS },
    0n,
  );
  const { ask, clock, passed, upstream } = await stage({ gateway: { named } });
  const field = signedField(KEY, clock.wallMs() + 60_000);
  const headers = { [SIGNED_FIELD]: field };
  const answer = await ask("s", { headers });
  expect([answer.status, answer.headers.get("x-mabeam-agent")]).toEqual([
    200,
    `signer:${AGENT.slice(0, 32)}/session:s`,
  ]);
  await answer.text();
  expect(passed()[0]!.caller).toMatchObject({ agent: "unknown", toldBy: "signature" });
  // Not the upstream's to see.
  expect(JSON.stringify(upstream.journal.visits)).not.toContain(field);
  await named.settle("ada", { ledgerAgent: AGENT });
  const own = await ask("s", { headers });
  expect(own.headers.get("x-mabeam-agent")).toBe("agent:ada/session:s");
  await own.text();
  const key = added.ok ? added.value.key : "";
  const both = await ask("s", {
    headers: {
      [SIGNED_FIELD]: signedField(agentKey(new Uint8Array(32)), clock.wallMs() + 9),
      authorization: `Bearer ${key}`,
    },
  });
  expect(both.headers.get("x-mabeam-agent")).toBe("agent:ada/session:s");
  await both.text();
  clock.pass(60_000);
  const late = await ask("s", { headers });
  expect([late.status, (await errorOf(late)).code]).toEqual([401, "SIGNATURE_INVALID"]);
});
