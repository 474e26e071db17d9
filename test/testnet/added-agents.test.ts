// Agents that a testnet's peer took in while it ran are taken in again when it comes back.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { agentKey } from "../../node/crypto/signer.js";
import { MAX_AGENTS_HELD } from "../../node/keyring.js";
import { openLog } from "../../node/log.js";
import { toHex } from "../../src/base/index.js";
import { AddedAgents } from "../../testnet/added-agents.js";
import { addedKeySeed } from "../../testnet/test-keys.js";
import { LonePeer } from "../worlds/lone-peer.js";

const folder = mkdtempSync(join(tmpdir(), "mabeam-added-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GUEST = agentKey(addedKeySeed(7, 2, "a guest"));
const addedTo = (peer: LonePeer, at: string | null) =>
  new AddedAgents({
    seed: 7,
    place: 2,
    planned: [{ name: "guest-2", key: GUEST }],
    folder: at,
    peer: Object.assign(peer, { askFaucet: async () => "ACCEPTED" }),
    faucet: { granter: new Uint8Array(32), free: 1n, stake: 1n },
    bank: peer,
    log: openLog({ level: "silent", file: null }),
  });

test("keys follow from seed, peer and name, and names are kept", async () => {
  const first = addedTo(new LonePeer(), folder);
  const key = await first.open("render-1");
  if (typeof key === "string") throw new Error(key);
  expect(toHex(key.publicKey)).toBe(toHex(agentKey(addedKeySeed(7, 2, "render-1")).publicKey));
  await first.open("scout");
  expect(JSON.parse(readFileSync(join(folder, "agents.json"), "utf8"))).toEqual(["render-1", "scout"]);

  const later = new LonePeer();
  const again = addedTo(later, folder);
  await again.resume();
  expect(later.peer.agents.has(toHex(key.publicKey))).toBe(true);
  expect([...again.names().values()]).toEqual(["guest-2", "render-1", "scout"]);
  expect(await again.open("guest-2")).toBe(GUEST);
});

test("a peer in memory keeps no names, and a full one takes no more", async () => {
  const agents = addedTo(new LonePeer(), null);
  await agents.resume();
  for (let nth = 0; nth < MAX_AGENTS_HELD; nth++)
    expect(typeof (await agents.open(`a${nth}`))).toBe("object");
  expect(await agents.open("one-more")).toBe("AGENTS_FULL");
  expect(typeof (await agents.open("a0"))).toBe("object");
});
