// `agent new`: a program that is an agent, in as few lines as say all of it, runnable as it is.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { writeNew } from "../../whole-file.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import type { Terminal } from "../terminal.js";

interface NewOptions {
  readonly python?: true;
  readonly capability: string;
}

interface Wanted {
  readonly name: string;
  readonly capability: string;
}

const SDK = "mabeam/sdk";
const PYTHON_CLIENT = "mabeam.py";

export const inJavaScript = ({ name, capability }: Wanted, sdk: string): string =>
  `// ${name} asks in purchases of ${capability}, does what it has won, and delivers it: \`node ${name}.mjs\`.
import { createAgent, strategies } from ${JSON.stringify(sdk)};

const agent = createAgent({
  name: "${name}",
  capabilities: ["${capability}"],
  budget: { perAuction: 20_000_000n, perPeriod: 200_000_000n }, // micro-credits: a credit is a million
});

// What a lot costs it: it asks for no less. Of what it has no work for, this is what it is worth to buy.
agent.value("${capability}", (lot) => BigInt(lot.units) * 2_000_000n);
agent.bid(strategies.truthful());
agent.work("${capability}", async (task, { progress }) => {
  progress(0.5);
  return { output: \`\${task.units} × \${task.capability} for \${task.buyer}\` };
});

await agent.run();
`;

export const inPython = ({ name, capability }: Wanted): string =>
  `"""${name} asks in purchases of ${capability}, does what it has won, and delivers it: \`python3 ${name}.py\`."""
import mabeam

# Amounts are micro-credits: a credit is a million.
agent = mabeam.Agent("${name}", ["${capability}"], per_auction=20_000_000, per_period=200_000_000)


def work(task, progress):
    progress(0.5)
    return f"{task['units']} × {task['capability']} for {task['buyer']}"


# What a lot costs it: it asks for no less. Of what it has no work for, this is what it is worth to buy.
agent.value("${capability}", lambda lot, market: lot["units"] * 2_000_000)
agent.bid(mabeam.truthful)
agent.work("${capability}", work)
agent.run()
`;

/** @throws CliFailure FILE_EXISTS, CLIENT_DIFFERS */
export async function scaffold(terminal: Terminal, options: NewOptions, name: string): Promise<void> {
  const { python, capability } = options;
  const wanted = { name, capability };
  const file = `${name}.${python === true ? "py" : "mjs"}`;
  if (file === PYTHON_CLIENT) throw exists(`the file that it needs, ${file},`);
  if (python === true && !existsSync(file)) await putClient();
  const text = python === true ? inPython(wanted) : inJavaScript(wanted, sdkFrom(resolve(file)));
  if (!(await writeNew(resolve(file), text))) throw exists(file);
  terminal.out(file);
  terminal.err(
    `Run it with \`${python === true ? "python3" : "node"} ${file}\`: it speaks to the daemon that commands speak to from here.`,
  );
}

/** The one file that a Python agent needs. One that is there already is never replaced. */
async function putClient(): Promise<void> {
  const client = readFileSync(pythonClient(), "utf8");
  if (await writeNew(resolve(PYTHON_CLIENT), client)) return;
  if (readFileSync(PYTHON_CLIENT, "utf8") === client) return;
  throw new CliFailure(
    EXIT.conflict,
    "CLIENT_DIFFERS",
    "could not write the agent",
    `${PYTHON_CLIENT} is here, and is not this version's`,
    "move it away, or go into another folder",
  );
}

const exists = (file: string): CliFailure =>
  new CliFailure(
    EXIT.conflict,
    "FILE_EXISTS",
    "could not write the agent",
    `${file} is here already`,
    "choose another name, or go into another folder",
  );

/** How a file names this package: by its name where it would find it, else by where it lies. */
function sdkFrom(file: string): string {
  const own = new URL("../../sdk/index.js", import.meta.url);
  try {
    if (createRequire(file).resolve(SDK) === fileURLToPath(own)) return SDK;
  } catch {
    // It is installed nowhere above the file.
  }
  return own.href;
}

/** It lies in the package, above the built program as above its source. */
function pythonClient(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, "python", PYTHON_CLIENT);
    if (existsSync(file) || folder === dirname(folder)) return file;
  }
}
