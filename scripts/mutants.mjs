// Whether the tests notice each comparison that is off by one: every <, <=, >, >= of the rules on which peers must agree is
// turned into its neighbour, alone, and the tests must fail.
//   npm run mutants -- [file or folder …]     default: src/market src/ledger; src/quota too has tests of its own
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const NEIGHBOUR = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };
/** Where the rules of a folder are tested, the cheapest first. */
const testsOf = (file) => (file.startsWith("src/quota") ? ["test/quota"] : ["test/market", "test/ledger"]);
/** A mutant that goes round for ever is caught too. */
const MOST_MS = 10 * 60_000;
/** Comparisons whose neighbour does the same, by file and text, and why: no test can tell the two apart. */
const SAME = [
  ["src/ledger/account.ts", "LOCK_REASONS.length <= 10", "constants: no input is near the bound"],
  ["src/ledger/deadlines.ts", "compareText(a.id, b.id) < 0", "an id is there once"],
  ["src/ledger/ledger.ts", "at < 0", "no table's name is empty"],
  [
    "src/ledger/limits.ts",
    "(MAX_LOCKS + MAX_LIENS + MAX_UNBONDING) * PART_BYTES + 1024 < MAX_ROW_BYTES",
    "constants: no input is near the bound",
  ],
  [
    "src/ledger/limits.ts",
    "STANDING_BLOCKED_BELOW < STANDING_FREE_FROM",
    "constants: no input is near the bound",
  ],
  ["src/ledger/limits.ts", "STANDING_FREE_FROM <= PRIOR_STANDING", "constants: no input is near the bound"],
  ["src/ledger/money.ts", "amount < account.slashDebt", "the lesser of two equals is either"],
  ["src/ledger/money.ts", "amount < lock.fromFree", "the lesser of two equals is either"],
  ["src/market/auction/course.ts", "share.paid > 0n", "to pay nothing out of a lock changes nothing"],
  ["src/market/auction/formats/uniform.ts", "a.remainder > b.remainder", "equals were told apart before"],
  ["src/market/auction/formats/vickrey.ts", "price > offer.reserve", "the lesser of two equals is either"],
  [
    "src/market/auction/phase.ts",
    "congestion.revealsFullAt > 0",
    "OPEN and REVEAL are known by more than F leaders each, so none ends within the first F + 1 entries",
  ],
  ["src/market/packing/fee-class.ts", "next > least", "the greater of two equals is either"],
  ["src/market/packing/fee.ts", "fee < most", "the lesser of two equals is either"],
  ["src/market/packing/lanes.ts", "nonce > next", "equals were told apart before"],
  ["src/market/standing/deeds.ts", "atStake < ratingCap", "the lesser of two equals is either"],
  ["src/market/packing/purse.ts", "taken > 0n", "the greater of 0 and 0 is 0"],
  ["src/market/packing/purse.ts", "fee < purse.free", "the lesser of two equals is either"],
  [
    "src/quota/level.ts",
    "cut.arrival > oldest",
    "of a cut at the oldest's own arrival nothing is asked any more",
  ],
];

const asked = process.argv.slice(2);
const files = (asked.length > 0 ? asked : ["src/market", "src/ledger"]).flatMap((path) =>
  statSync(join(root, path)).isDirectory()
    ? readdirSync(join(root, path), { recursive: true })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => join(path, name))
    : [path],
);

/** Every comparison of a file, with what it is to become. */
function mutantsOf(file) {
  const code = readFileSync(join(root, file), "utf8");
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    if (ts.isBinaryExpression(node)) {
      const token = node.operatorToken;
      const text = NEIGHBOUR[token.getText(source)];
      if (text !== undefined) {
        const line = source.getLineAndCharacterOfPosition(token.getStart(source)).line + 1;
        const what = node.getText(source).replaceAll(/\s+/g, " ");
        found.push({ file, from: token.getStart(source), to: token.getEnd(), text, line, what });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function survives(mutant) {
  const config = join("scripts", "mutants.vitest.mjs");
  const { status } = spawnSync(
    process.execPath,
    [vitest, "run", "--config", config, ...testsOf(mutant.file)],
    {
      cwd: root,
      stdio: "ignore",
      env: { ...process.env, MABEAM_MUTANT: JSON.stringify(mutant) },
      timeout: MOST_MS,
      killSignal: "SIGKILL",
    },
  );
  return status === 0;
}

const isSame = ({ file, what }) => SAME.some(([place, text]) => join(place) === file && text === what);
const mutants = files.flatMap(mutantsOf).filter((mutant) => !isSame(mutant));
let survivors = 0;
for (const [i, mutant] of mutants.entries()) {
  const alive = survives(mutant);
  if (alive) survivors++;
  const where = `${relative(root, join(root, mutant.file))}:${mutant.line}`;
  console.log(
    `${i + 1}/${mutants.length} ${alive ? "SURVIVED" : "caught  "} ${where}  ${mutant.what}  →  ${mutant.text}`,
  );
}
console.log(`${mutants.length} mutants, ${survivors} survived`);
process.exitCode = survivors > 0 ? 1 : 0;
