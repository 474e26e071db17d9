// The configuration: which source wins, where each value came from, and what is refused.
import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError, loadConfig, originText } from "../../node/config/config.js";
import { pathsOf } from "../../node/config/paths.js";
import { flagOf, SETTING_NAMES, variableOf } from "../../node/config/settings.js";
import { editDistance, nearestName } from "../../node/nearest.js";
import { testFolder } from "./folder.js";

const HASH = "ab".repeat(32);

async function homeWith(toml: string): Promise<string> {
  const home = await testFolder();
  await writeFile(join(home, "config.toml"), toml);
  return home;
}

async function problemOf(sources: Parameters<typeof loadConfig>[0]): Promise<ConfigError> {
  const error = await loadConfig({ environment: {}, ...sources }).catch((refused: unknown) => refused);
  expect(error).toBeInstanceOf(ConfigError);
  return error as ConfigError;
}

test("with nothing given every setting has its default, and the usual places are used", async () => {
  const { settings, origins, paths, warnings } = await loadConfig({ environment: {} });
  expect(settings).toMatchObject({
    listen: ["/ip4/127.0.0.1/tcp/0"],
    join: [],
    api: "127.0.0.1:0",
    inMemory: false,
    logLevel: "info",
    insecurePlainKeys: false,
  });
  expect(paths.home.startsWith(homedir())).toBe(true);
  expect(settings.home).toBe(paths.home);
  expect(new Set(Object.values(origins).map(originText))).toEqual(new Set(["default"]));
  expect(warnings).toEqual([]);
});

test("a flag beats the environment, that beats the file, that beats the default, and each says so", async () => {
  const home = await homeWith('logLevel = "warn"\nmaxConnections = 10\napi = "127.0.0.1:1"\n');
  const config = await loadConfig({
    flags: { logLevel: "trace", join: undefined },
    environment: { MABEAM_HOME: home, MABEAM_LOG_LEVEL: "error", MABEAM_API: "[::1]:2", PATH: "/bin" },
  });
  expect(config.settings).toMatchObject({
    home,
    logLevel: "trace",
    api: "[::1]:2",
    maxConnections: 10,
    inMemory: false,
  });
  const said = Object.fromEntries(
    Object.entries(config.origins).map(([name, origin]) => [name, originText(origin)]),
  );
  expect(said).toMatchObject({
    home: "environment MABEAM_HOME",
    logLevel: "flag --log-level",
    api: "environment MABEAM_API",
    maxConnections: `file ${join(home, "config.toml")}`,
    inMemory: "default",
  });
});

test("whoever names a home has everything under it", async () => {
  const home = await homeWith(`chain = "${HASH}"\n`);
  for (const sources of [{ flags: { home } }, { environment: { MABEAM_HOME: home } }]) {
    const { settings, paths, file } = await loadConfig({ environment: {}, ...sources });
    expect(settings.chain).toBe(HASH);
    expect(file).toEqual({ path: join(home, "config.toml"), found: true });
    expect(paths).toEqual(pathsOf(home));
    for (const path of Object.values(paths)) expect(path.startsWith(home)).toBe(true);
  }
});

test("the file named by --config, or MABEAM_CONFIG, must be there; the usual one need not", async () => {
  const home = await homeWith("inMemory = true\n");
  const named = join(home, "config.toml");
  expect((await loadConfig({ environment: {}, configFile: named })).settings.inMemory).toBe(true);
  expect((await loadConfig({ environment: { MABEAM_CONFIG: named } })).settings.inMemory).toBe(true);
  expect((await loadConfig({ environment: {}, flags: { home: join(home, "other") } })).file.found).toBe(
    false,
  );
  expect((await problemOf({ configFile: join(home, "absent.toml") })).code).toBe("CONFIG_UNREADABLE");
});

test("lists, flags and numbers are read from text as they are from a file", async () => {
  const file = await homeWith(
    `listen = ["/ip4/127.0.0.1/tcp/1", "/ip4/127.0.0.1/tcp/2"]\ninMemory = true\nmaxConnections = 7\n`,
  );
  const fromFile = await loadConfig({ environment: {}, flags: { home: file } });
  const fromText = await loadConfig({
    environment: {
      MABEAM_HOME: file,
      MABEAM_LISTEN: "/ip4/127.0.0.1/tcp/1, /ip4/127.0.0.1/tcp/2",
      MABEAM_IN_MEMORY: "yes",
      MABEAM_MAX_CONNECTIONS: "7",
    },
  });
  expect(fromText.settings).toEqual(fromFile.settings);
});

test("further names of the API come from a flag, the environment and a file, and are names", async () => {
  const allowedHosts = ["api.example", "node-7:443"];
  const file = await homeWith(`allowedHosts = ${JSON.stringify(allowedHosts)}\n`);
  for (const sources of [
    { flags: { home: file } },
    { environment: { MABEAM_ALLOWED_HOSTS: "api.example,node-7:443" } },
    { flags: { allowedHosts } },
  ])
    expect((await loadConfig({ environment: {}, ...sources })).settings.allowedHosts).toEqual(allowedHosts);
  for (const strange of ["http://api.example", "api.example/", "*", ""])
    expect((await problemOf({ flags: { allowedHosts: [strange] } })).code).toBe("CONFIG_INVALID");
});

test("every wrong value of a source is named, with what is wrong about it", async () => {
  const wrong: [string, string][] = [
    ["MABEAM_CHAIN", "abc"],
    ["MABEAM_API", "localhost"],
    ["MABEAM_API", "localhost:70000"],
    ["MABEAM_JOIN", "127.0.0.1:4001"],
    ["MABEAM_JOIN", "/ip4/300.0.0.1/tcp/1"],
    ["MABEAM_LOG_LEVEL", "loud"],
    ["MABEAM_IN_MEMORY", "perhaps"],
    ["MABEAM_MAX_CONNECTIONS", "0"],
    ["MABEAM_MAX_CONNECTIONS", "ten"],
    ["MABEAM_MAX_CONNECTIONS", "1e3"],
  ];
  for (const [name, value] of wrong) {
    const { code, why } = await problemOf({ environment: { [name]: value } });
    expect([code, why.startsWith(`${name}: `)], `${name}=${value}`).toEqual(["CONFIG_INVALID", true]);
  }
  const { why } = await problemOf({ flags: { chain: "x", logLevel: "y" } });
  expect(why).toContain("--chain: ");
  expect(why).toContain("--log-level: ");
});

test("an unknown key of a file is refused, and the nearest name is suggested", async () => {
  for (const [typed, meant] of [
    ["loglevel", "logLevel"],
    ["log-level", "logLevel"],
    ["lsiten", "listen"],
    ["maxConnection", "maxConnections"],
  ]) {
    const home = await homeWith(`"${typed}" = 1\n`);
    const { code, why } = await problemOf({ flags: { home } });
    expect([code, why]).toEqual(["CONFIG_INVALID", `${typed} is unknown; did you mean ${meant}?`]);
  }
  const { why } = await problemOf({ flags: { home: await homeWith("colour = 1\n[nested]\nhome = 1\n") } });
  expect(why).toBe("colour is unknown; nested is unknown");
});

test("a mistyped variable is refused, one that a platform put there is only mentioned", async () => {
  const { why } = await problemOf({ environment: { MABEAM_LOGLEVEL: "info" } });
  expect(why).toBe("MABEAM_LOGLEVEL is unknown; did you mean MABEAM_LOG_LEVEL?");
  const { warnings } = await loadConfig({ environment: { MABEAM_SERVICE_HOST: "10.0.0.1", MABEAMX: "1" } });
  expect(warnings).toEqual(["the variable MABEAM_SERVICE_HOST means nothing to mabeam"]);
});

test("a file that is no TOML is refused with its place", async () => {
  const home = await homeWith("listen = [\n");
  const { code, what } = await problemOf({ flags: { home } });
  expect([code, what]).toEqual(["CONFIG_UNREADABLE", `could not read ${join(home, "config.toml")}`]);
});

test("every setting has a flag and a variable of its own", () => {
  expect(flagOf("insecurePlainKeys")).toBe("--insecure-plain-keys");
  expect(variableOf("insecurePlainKeys")).toBe("MABEAM_INSECURE_PLAIN_KEYS");
  for (const of of [flagOf, variableOf])
    expect(new Set(SETTING_NAMES.map(of)).size).toBe(SETTING_NAMES.length);
});

test("the distance of words is a distance, and the nearest word is near", () => {
  const word = fc.string({ maxLength: 6, unit: fc.constantFrom("a", "b", "c") });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("ab", "ba")).toBe(1);
  expect(nearestName("joni", ["join", "home"])).toBe("join");
  expect(nearestName("zebra", ["join", "home"])).toBeNull();
});
