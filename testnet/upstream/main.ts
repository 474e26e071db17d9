// The process of a test upstream, run by hand: `node dist/testnet/upstream/main.js --dialect openai --rpm 60 --tpm 100000`.
// One line of JSON once it serves; with --journal one more for each request whose answer is over.
import { flagsOf, USAGE } from "./flags.js";
import type { Visit } from "./journal.js";
import { startUpstream } from "./upstream.js";

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

if (process.argv.includes("--help")) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const flags = flagsOf(process.argv.slice(2));
if (typeof flags === "string") {
  process.stderr.write(`upstream: ${flags}\n${USAGE}`);
  process.exit(2);
}

const { rules, port, tellsJournal } = flags;
const told = (visit: Visit): void => say({ kind: "UpstreamRequest", ...visit });
const upstream = await startUpstream(rules, port, tellsJournal ? told : undefined);
say({
  kind: "UpstreamReady",
  url: upstream.url,
  dialect: rules.dialect,
  keys: rules.customers.map(({ key }) => key),
  models: rules.models,
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void upstream.close().then(() => process.exit(0)));
}
