// The whole gate, the same locally and in CI: cheapest first, one line per step, and the first failure ends it.
// `--fast` stops before the tests; `--rest` leaves out `npm test`, for whoever has just run it.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A package's command, run by this very Node and without a shell. */
function bin(name, command = name) {
  const folder = join(root, "node_modules", name);
  const { bin: bins } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return [process.execPath, join(folder, typeof bins === "string" ? bins : bins[command])];
}

const tsc = () => bin("typescript", "tsc");
const mabeam = () => [process.execPath, join(root, "bin", "mabeam.mjs")];
const TREES = ["src", "node", "testnet", "test"];

/** The one line of JSON that a machine-readable command prints. @throws if there is more or less */
function report(stdout) {
  const lines = stdout.trim().split("\n");
  if (lines.length !== 1) throw new Error(`expected one line of JSON on stdout, found ${lines.length}`);
  return JSON.parse(lines[0]);
}

const testSummary = (stdout) =>
  stdout
    .split("\n")
    .filter((line) => /^\s*(Test Files|Tests|Duration) /.test(line))
    .map((line) => `  ${line}`)
    .join("\n");

function simulated(stdout) {
  const { runs, entriesFinalised, auctionsSettled } = report(stdout);
  return `    ${runs} runs, ${entriesFinalised} entries final, ${auctionsSettled} auctions settled`;
}

function traded(stdout) {
  const { peers, auctions, checks } = report(stdout);
  return `    ${peers} peers, ${auctions.settled} of ${auctions.opened} auctions settled, ${checks.length} checks held`;
}

const SIMULATE = "simulate --seed 201 --runs 20 --json".split(" ");
const TESTNET = "testnet run --peers 8 --quorum 4 --rounds 5 --seed 1 --json".split(" ");
const reporters = (name) => [
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=dist/report/${name}.json`,
];

/** name, how to run it, minutes it may take, and what of its output is worth a line when it passes */
const FAST = [
  ["format and lint", () => [...bin("@biomejs/biome", "biome"), "check", "--error-on-warnings", "."], 2],
  ["lint with types", () => [...bin("eslint"), "--max-warnings", "0", ...TREES], 3],
  ["types of the whole tree", () => [...tsc(), "-b"], 3],
  [
    "types of src without Node's",
    () => [
      ...tsc(),
      "-p",
      "src",
      "--noEmit",
      "--incremental",
      "false",
      "--composite",
      "false",
      "--skipLibCheck",
      "false",
    ],
    2,
  ],
  [
    "layers and cycles",
    () => [...bin("dependency-cruiser", "depcruise"), ...TREES, "--config", ".dependency-cruiser.cjs"],
    2,
  ],
  ["dead code", () => bin("knip"), 2],
];
const TESTS = [["tests", () => ["npm", "test", "--", ...reporters("fast")], 8, testSummary]];
const SLOW = [
  ["long tests", () => ["npm", "run", "test:long", "--", ...reporters("long")], 24, testSummary],
  ["simulation", () => [...mabeam(), ...SIMULATE], 3, simulated],
  ["a real testnet", () => [...mabeam(), ...TESTNET], 3, traded],
];

/** Ends the step that runs, with all that it started; whoever ends this process means that too. */
let endStep = () => undefined;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    endStep();
    process.exit(1);
  });
}

/** Runs a command to its end. @returns its exit code (null: it was ended for taking too long) and what it printed */
function run([command, ...args], minutes) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // a group of its own, so that what it started ends with it
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    });
    endStep = () => process.kill(-child.pid, "SIGKILL");
    const limit = setTimeout(endStep, minutes * 60_000);
    let stdout = "";
    let all = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      all += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      all += text;
    });
    const ended = (code, more = "") => {
      clearTimeout(limit);
      endStep = () => undefined;
      resolve({ code, stdout, all: all + more });
    };
    child.on("error", (error) => ended(127, `${error.message}\n`));
    child.on("close", (code) => ended(code));
  });
}

async function perform([name, command, minutes, summary]) {
  const startedMs = Date.now();
  const { code, stdout, all } = await run(command(), minutes);
  const took = `${((Date.now() - startedMs) / 1000).toFixed(1)} s`;
  let told = "";
  let failure = code === 0 ? null : code === null ? `ended after ${minutes} minutes` : `exit code ${code}`;
  try {
    if (failure === null && summary !== undefined) told = summary(stdout);
  } catch (error) {
    failure = error.message;
  }
  if (failure !== null) console.log(all);
  console.log(`${failure === null ? "ok    " : "FAILED"}  ${name.padEnd(28)} ${took.padStart(8)}`);
  if (told !== "") console.log(told);
  if (failure !== null) console.log(`check: “${name}” failed (${failure}); its output is above.`);
  return failure === null;
}

const asked = (flag) => process.argv.includes(flag);
const steps = asked("--fast") ? FAST : [...FAST, ...(asked("--rest") ? [] : TESTS), ...SLOW];
for (const step of steps) {
  if (!(await perform(step))) {
    process.exitCode = 1;
    break;
  }
}
