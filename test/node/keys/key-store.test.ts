// Keys on disk: who may read them, what opens them, and what a person is told when they do not open.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import {
  createKey,
  exportKey,
  importKey,
  KeyError,
  type KeyErrorCode,
  listKeys,
  loadKey,
  type Protection,
  storeKey,
  takePassphrase,
} from "../../../node/keys/index.js";
import { toHex } from "../../../src/index.js";

const root = mkdtempSync(join(tmpdir(), "mabeam-keys-"));
afterAll(() => rmSync(root, { recursive: true }));

const PASSPHRASE = "correct horse battery staple";
const sealed: Protection = { kind: "passphrase", passphrase: PASSPHRASE };
const plain: Protection = { kind: "plain" };
const seed = new Uint8Array(32).fill(5);

let dir = "";
let count = 0;
beforeEach(() => {
  dir = join(root, `home-${count++}`, "keys");
});

async function refused(code: KeyErrorCode, attempt: () => unknown): Promise<KeyError> {
  const error = await Promise.resolve()
    .then(attempt)
    .then(
      () => expect.unreachable(`expected ${code}`),
      (thrown: unknown) => thrown as KeyError,
    );
  expect(error).toBeInstanceOf(KeyError);
  expect(error.code).toBe(code);
  for (const part of [error.what, error.why, error.fix]) expect(part).not.toBe("");
  expect(`${error.message} ${error.stack} ${inspect(error)}`).not.toContain(PASSPHRASE);
  return error;
}

const pathOf = (name: string): string => join(dir, `${name}.json`);
const rewrite = (name: string, change: (file: Record<string, unknown>) => unknown): void => {
  const file = JSON.parse(readFileSync(pathOf(name), "utf8")) as Record<string, unknown>;
  writeFileSync(pathOf(name), JSON.stringify(change(file)));
};

describe("an encrypted key", () => {
  it("opens with its passphrase and signs as before; a wrong, missing or borrowed context opens nothing", async () => {
    const made = await createKey(dir, "render-1", "agent", sealed);
    const opened = await loadKey(dir, "render-1", "agent", PASSPHRASE);
    expect(opened.publicKey).toEqual(made.publicKey);
    expect(opened.key.sign(seed)).toEqual(made.key.sign(seed));
    expect(opened.plain).toBe(false);
    await refused("WRONG_PASSPHRASE", () => loadKey(dir, "render-1", "agent", "another"));
    await refused("NO_PASSPHRASE", () => loadKey(dir, "render-1", "agent", null));
    rewrite("render-1", (file) => ({ ...file, kind: "consensus" }));
    await refused("WRONG_PASSPHRASE", () => loadKey(dir, "render-1", "consensus", PASSPHRASE));
  });

  it("is nowhere on disk in the open, and neither is its passphrase", async () => {
    await storeKey(dir, "a", "agent", seed, sealed);
    const text = readFileSync(pathOf("a"), "utf8");
    expect(text).not.toContain(toHex(seed));
    expect(text).not.toContain(PASSPHRASE);
    expect(JSON.parse(text)).toMatchObject({
      v: 1,
      kind: "agent",
      crypto: { cipher: "xchacha20-poly1305", kdf: "scrypt", n: 131072, r: 8, p: 1 },
    });
  });

  it("a changed ciphertext does not open", async () => {
    await storeKey(dir, "a", "agent", seed, sealed);
    rewrite("a", (file) => {
      const crypto = file.crypto as { ciphertext: string };
      const first = crypto.ciphertext.startsWith("0") ? "1" : "0";
      return { ...file, crypto: { ...crypto, ciphertext: first + crypto.ciphertext.slice(1) } };
    });
    await refused("WRONG_PASSPHRASE", () => loadKey(dir, "a", "agent", PASSPHRASE));
  });

  it("moves to another machine under another passphrase", async () => {
    const made = await storeKey(dir, "a", "agent", seed, plain);
    const text = await exportKey(dir, "a", null, { kind: "passphrase", passphrase: "for the journey" });
    expect(text).not.toContain(toHex(seed));
    const there = join(dir, "there");
    await refused("WRONG_PASSPHRASE", () => importKey(there, "b", text, "not it", plain));
    const moved = await importKey(there, "b", text, "for the journey", plain);
    expect(moved.revealSeed()).toEqual(made.revealSeed());
    expect(listKeys(there)).toEqual([{ name: "b", kind: "agent", publicKey: made.publicKey, plain: true }]);
  });
});

describe("a key file", () => {
  it("is 0600 in a 0700 directory, and nothing else is left beside it", async () => {
    await createKey(dir, "a", "peer", plain);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(pathOf("a")).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(["a.json"]);
  });

  it("that others may read is refused, with the command that mends it", async () => {
    await createKey(dir, "a", "peer", plain);
    chmodSync(pathOf("a"), 0o640);
    const file = await refused("TOO_OPEN", () => loadKey(dir, "a", "peer", null));
    expect(file.fix).toContain(`chmod 600 ${pathOf("a")}`);
    chmodSync(pathOf("a"), 0o600);
    chmodSync(dir, 0o755);
    const folder = await refused("TOO_OPEN", () => loadKey(dir, "a", "peer", null));
    expect(folder.fix).toContain(`chmod 700 ${dir}`);
    await refused("TOO_OPEN", () => createKey(dir, "b", "peer", plain));
  });

  it("is never replaced", async () => {
    const first = await createKey(dir, "a", "peer", plain);
    await refused("KEY_EXISTS", () => createKey(dir, "a", "peer", plain));
    const both = await Promise.allSettled([
      createKey(dir, "b", "peer", plain),
      createKey(dir, "b", "peer", plain),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await loadKey(dir, "a", "peer", null)).publicKey).toEqual(first.publicKey);
  });

  it("that is damaged is named, with why", async () => {
    await createKey(dir, "a", "peer", plain);
    const whole = JSON.parse(readFileSync(pathOf("a"), "utf8")) as Record<string, unknown>;
    const damaged: readonly unknown[] = [
      { ...whole, plainSeed: undefined },
      { ...whole, plainSeed: "00" },
      { ...whole, plainSeed: toHex(seed) }, // not the seed of its public key
      { ...whole, publicKey: `${String(whole.publicKey).slice(0, 62)}zz` },
      { ...whole, kind: "wallet" },
      { ...whole, v: "1" },
      { ...whole, more: 1 },
      [whole],
      null,
    ];
    for (const one of damaged) {
      writeFileSync(pathOf("a"), JSON.stringify(one));
      const error = await refused("KEY_CORRUPT", () => loadKey(dir, "a", "peer", null));
      expect(error.what).toMatch(/a(\.json)? is damaged/);
    }
    writeFileSync(pathOf("a"), '{"v":1,');
    await refused("KEY_CORRUPT", () => listKeys(dir));
  });

  it("with costs other than this version's is refused before any is paid", async () => {
    await storeKey(dir, "a", "agent", seed, sealed);
    rewrite("a", (file) => ({ ...file, crypto: { ...(file.crypto as object), n: 2 ** 30 } }));
    await refused("KEY_CORRUPT", () => loadKey(dir, "a", "agent", PASSPHRASE));
  });

  it("of a later version says so", async () => {
    await createKey(dir, "a", "peer", plain);
    rewrite("a", (file) => ({ ...file, v: 2 }));
    await refused("KEY_VERSION", () => loadKey(dir, "a", "peer", null));
  });

  it("serves one purpose only", async () => {
    await createKey(dir, "a", "peer", plain);
    await refused("KEY_KIND", () => loadKey(dir, "a", "consensus", null));
  });

  it("has a name that is a name, not a path", async () => {
    for (const name of ["", "../a", "a/b", "A", ".a", "-a", "a".repeat(65)]) {
      await refused("BAD_NAME", () => createKey(dir, name, "peer", plain));
    }
    await refused("KEY_NOT_FOUND", () => loadKey(dir, "a", "peer", null));
  });

  it("a plain key says that it is plain, and printing an opened key shows no seed", async () => {
    const made = await storeKey(dir, "a", "agent", seed, plain);
    expect(made.plain).toBe(true);
    expect(listKeys(dir).map((one) => one.plain)).toEqual([true]);
    const printed = inspect(made, { depth: 9, showHidden: true }) + JSON.stringify(made);
    expect(printed).not.toContain(toHex(seed));
    expect(printed).not.toContain("5, 5, 5, 5");
    expect(printed).not.toContain('"0":5,"1":5');
  });

  it("a folder that is not there has no keys", () => {
    expect(listKeys(dir)).toEqual([]);
  });
});

describe("a passphrase", () => {
  const none = { env: {}, file: null, descriptor: null };

  it("is taken out of the environment", () => {
    const env: Record<string, string | undefined> = { MABEAM_PASSPHRASE: PASSPHRASE };
    expect(takePassphrase({ ...none, env })).toBe(PASSPHRASE);
    expect("MABEAM_PASSPHRASE" in env).toBe(false);
    expect(takePassphrase({ ...none, env })).toBeNull();
  });

  it("comes from a file that only its owner may read, without the line's end, in one spelling", async () => {
    const file = join(root, "passphrase");
    writeFileSync(file, "caf\u0065\u0301 \n", { mode: 0o600 });
    expect(takePassphrase({ ...none, file })).toBe("caf\u00e9 ");
    chmodSync(file, 0o644);
    await refused("TOO_OPEN", () => takePassphrase({ ...none, file }));
    await refused("NO_PASSPHRASE", () => takePassphrase({ ...none, file: join(root, "missing") }));
    await refused("NO_PASSPHRASE", () => takePassphrase({ ...none, env: { MABEAM_PASSPHRASE: "" } }));
    await refused("NO_PASSPHRASE", () => takePassphrase({ ...none, descriptor: 9999 }));
  });
});
