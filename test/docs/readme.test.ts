// What the documents tell people to type is understood by the real program: commands, arguments and flags.
import { readFileSync } from "node:fs";
import { type Command, CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { inJavaScript, inPython } from "../../node/cli/commands/agent-new.js";
import { programOf } from "../../node/cli/run.js";
import type { Terminal } from "../../node/cli/terminal.js";
import { creditsOf } from "../../node/contract/scalar.js";
import { FAUCET_GRANT, FAUCET_STAKE } from "../../testnet/plan.js";

const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/ARCHITECTURE.md",
  "docs/PROMISES.md",
  "docs/THREATS.md",
];

const silent = { out: () => {}, err: () => {}, self: "mabeam" } as unknown as Terminal;

/** The program, of which nothing runs. */
function inert(): Command {
  const still = (command: Command): void => {
    // A command with others below it may be one itself, as `gateway` is; a mere group of them is none.
    if (command.commands.length === 0 || ("_actionHandler" in command && command._actionHandler !== null))
      command.action(() => {});
    command.commands.forEach(still);
  };
  const program = programOf({ terminal: silent, exit: 0 });
  still(program);
  return program;
}

/** What the program has against the words after its name; null: nothing. */
function fault(words: readonly string[]): string | null {
  try {
    inert().parse([...words], { from: "user" });
    return null;
  } catch (error) {
    if (error instanceof CommanderError) return error.code;
    throw error;
  }
}

/** The words after the program's name, without redirections, comments and the marks of what was left out. */
const wordsOf = (rest: string): string[] =>
  rest
    .replace(/\s+(#|>|\||;|&).*$/, "")
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "…");

const NAME = /(?:^|\s)(?:node )?(?:bin\/)?mabeam(?:\.mjs)? (.+)$/;

/** Lines of code blocks in which the program is called, whole. */
function linesIn(text: string): string[] {
  const blocks = [...text.matchAll(/^```.*\n([\s\S]*?)^```/gm)].map((match) =>
    match[1]!.replace(/\\\n\s*/g, " "),
  );
  return blocks
    .flatMap((block) => block.split("\n"))
    .filter((line) => /^(\$ |\s\s)?(node )?(bin\/)?mabeam(\.mjs)? /.test(line))
    .map((line) => NAME.exec(line)![1]!);
}

/** Commands that are named in the prose, perhaps without their arguments. */
const mentionsIn = (text: string): string[] =>
  [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/`(?:node )?(?:bin\/)?mabeam(?:\.mjs)? ([^`]+)`/g)].map(
    (match) => match[1]!,
  );

/** What the program says of a mention that stops before its arguments or mandatory options. */
const WANTING = new Set<string | null>([
  "commander.missingArgument",
  "commander.missingMandatoryOptionValue",
]);

const scripts = Object.keys(
  (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> }).scripts,
);

describe.each(DOCUMENTS)("%s", (name) => {
  const text = readFileSync(name, "utf8");

  it("gives whole command lines that the program understands", () => {
    const refused = linesIn(text)
      .map((line) => ({ line, fault: fault(wordsOf(line)) }))
      .filter((told) => told.fault !== null);
    expect(refused).toEqual([]);
  });

  it("names commands and flags that the program has", () => {
    const refused = mentionsIn(text)
      .map((line) => ({
        line,
        fault: fault(wordsOf(line).map((word) => word.replace(/^<.*>$/, "0".repeat(64)))),
      }))
      .filter((told) => told.fault !== null && !WANTING.has(told.fault));
    expect(refused).toEqual([]);
  });

  it("names scripts that package.json has", () => {
    const run = [...text.matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]!);
    expect(run.filter((script) => !scripts.includes(script))).toEqual([]);
  });

  it("never sends a reader to the registry for a name that is not ours", () => {
    expect(text).not.toContain("npx mabeam");
  });
});

it("README says what the testnet's faucet grants a newcomer", () => {
  const says = `faucet grants its agent ${creditsOf(FAUCET_GRANT)} credits, and ${creditsOf(FAUCET_STAKE)} of stake`;
  expect(readFileSync("README.md", "utf8")).toContain(says);
});

it("README shows the agents that `agent new` writes", () => {
  const readme = readFileSync("README.md", "utf8");
  const afterFirstLine = (text: string): string => text.slice(text.indexOf("\n") + 1);
  const of = (name: string) => ({ name, capability: "task.render" });
  expect(readme).toContain(`\`\`\`js\n${afterFirstLine(inJavaScript(of("render-1"), "mabeam/sdk"))}\`\`\``);
  expect(readme).toContain(`\`\`\`python\n${afterFirstLine(inPython(of("render-2")))}\`\`\``);
});

describe("the check of command lines", () => {
  it("finds what is in README", () => {
    expect(linesIn(readFileSync("README.md", "utf8")).length).toBeGreaterThan(15);
  });

  it.each([
    ["a command that is gone", "auction sell gpu.a100"],
    ["a flag that is gone", "bid place 0123456789 12.5 --soon"],
    ["an argument that is missing", "bid place 0123456789"],
    ["an amount that is none", "bid place 0123456789 much"],
  ])("refuses %s", (_, line) => {
    expect(fault(wordsOf(line))).not.toBeNull();
  });
});
