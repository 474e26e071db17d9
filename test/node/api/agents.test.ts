// Agents that a daemon takes into custody while it runs, through its API.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { FolderKeyring, keyringFault, MAX_AGENTS_HELD } from "../../../node/keyring.js";
import { createKey } from "../../../node/keys/index.js";
import { toHex } from "../../../src/base/index.js";
import type { AgentId } from "../../../src/ledger/index.js";
import { LonePeer, ME } from "../../worlds/lone-peer.js";
import { fixture } from "./api-fixture.js";

const folder = mkdtempSync(join(tmpdir(), "mabeam-agents-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const json = (body: object) => ({
  payload: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

describe("agents through the API", () => {
  let welcomed: string[];
  const keyring = () =>
    new FolderKeyring({ folder, passphrase: null, insecurePlainKeys: true }, (agent: AgentId) =>
      welcomed.push(toHex(agent)),
    );
  beforeEach(() => {
    welcomed = [];
  });

  it("takes an agent in, makes its key once, and acts for it", async () => {
    const { call, host } = await fixture({}, new LonePeer());
    Object.assign(host.hosted[0].around, { keyring: keyring() });
    const first = await call("POST", "/v1/agents", json({ name: "render-1" }));
    expect(first.statusCode).toBe(200);
    const { agent, ...rest } = first.json();
    expect(rest).toEqual({
      apiVersion: "v1",
      kind: "Agent",
      name: "render-1",
      isDefault: false,
      hasAccount: false,
      free: "0",
    });
    expect(welcomed).toEqual([agent]);
    // Another daemon of the folder opens the same key.
    Object.assign(host.hosted[0].around, { keyring: keyring() });
    const again = await call("POST", "/v1/agents", json({ name: "render-1" }));
    expect(again.json().agent).toBe(agent);
    const listed = (await call("GET", "/v1/agents")).json();
    expect(
      listed.items.map((one: { agent: string; name: string | null; isDefault: boolean }) => one),
    ).toContainEqual(expect.objectContaining({ agent, name: "render-1", hasAccount: false }));
    expect(listed.items).toContainEqual(expect.objectContaining({ agent: ME, name: null, isDefault: true }));
    // Its key is held: what keeps it from paying is that it owns nothing.
    const paid = await call("POST", "/v1/wallet/transfers", json({ agent, to: ME, amount: "1" }));
    expect(paid.json().code).toBe("ACCOUNT_UNKNOWN");
    // A grant makes the account, and the agent is shown with what it owns.
    expect((await call("POST", "/v1/testnet/faucet", json({ to: agent }))).statusCode).toBe(202);
    host.lone.pass(2000);
    const funded = (await call("POST", "/v1/agents", json({ name: "render-1" }))).json();
    expect([funded.hasAccount, funded.free]).toEqual([true, "100000000"]);
  });

  it("makes one key for a name that is asked for twice at once", async () => {
    const { call, host } = await fixture({}, new LonePeer());
    Object.assign(host.hosted[0].around, { keyring: keyring() });
    const both = await Promise.all([1, 2].map(() => call("POST", "/v1/agents", json({ name: "twin" }))));
    expect(new Set(both.map((one) => one.json().agent)).size).toBe(1);
  });

  it.each([
    ["peer", 409, "AGENT_NAME_TAKEN"],
    ["gateway-alice", 409, "AGENT_NAME_TAKEN"],
    ["", 400, "REQUEST_INVALID"],
    ["-a", 400, "REQUEST_INVALID"],
    ["../token", 400, "REQUEST_INVALID"],
    ["Render", 400, "REQUEST_INVALID"],
    ["a".repeat(57), 400, "REQUEST_INVALID"],
  ])("refuses the name %j", async (name, status, code) => {
    const { call, host } = await fixture();
    Object.assign(host.hosted[0].around, { keyring: keyring() });
    if (name === "peer") await createKey(folder, "peer", "peer", { kind: "plain" });
    const answer = await call("POST", "/v1/agents", json({ name }));
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(welcomed).toEqual([]);
  });

  it("takes a name of 56 letters", async () => {
    const { call, host } = await fixture({}, new LonePeer());
    Object.assign(host.hosted[0].around, { keyring: keyring() });
    expect((await call("POST", "/v1/agents", json({ name: "a".repeat(56) }))).statusCode).toBe(200);
  });

  it("says so where no agents come at run time", async () => {
    const { call } = await fixture();
    const answer = await call("POST", "/v1/agents", json({ name: "late" }));
    expect([answer.statusCode, answer.json().code]).toEqual([409, "AGENTS_FIXED"]);
  });
});

describe("the number of agents of a folder", () => {
  const keys = (count: number) =>
    Array.from({ length: count }, (_, nth) => ({ name: `a${nth}`, kind: "agent" as const }));
  it("is bounded, the gateway's and other keys aside", () => {
    expect(keyringFault(keys(MAX_AGENTS_HELD - 1), "one-more")).toBeNull();
    expect(keyringFault(keys(MAX_AGENTS_HELD), "one-more")).toBe("AGENTS_FULL");
    expect(keyringFault(keys(MAX_AGENTS_HELD), "a0")).toBeNull();
    const others = [
      { name: "gateway-alice", kind: "agent" as const },
      { name: "peer", kind: "peer" as const },
    ];
    expect(keyringFault([...keys(MAX_AGENTS_HELD - 1), ...others], "one-more")).toBeNull();
  });
});
