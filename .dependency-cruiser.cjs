// The layers of docs/ARCHITECTURE.md as rules: imports point down, and nothing goes round in a circle.

/** Below each folder of src/: what it may import from its siblings. */
const BELOW = {
  base: [],
  crypto: ["base"],
  ledger: ["base", "crypto"],
  market: ["base", "crypto", "ledger"],
  quorum: ["base", "crypto"],
  quota: ["base"],
  handover: ["base", "crypto"],
  peer: ["base", "crypto", "ledger", "market", "quorum"],
};

const layers = Object.entries(BELOW).map(([folder, below]) => ({
  name: `layer-${folder}`,
  comment: `src/${folder} stands on ${below.length === 0 ? "nothing" : below.join(", ")}`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: `^src/(${[folder, ...below].join("|")})/` },
}));

const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

module.exports = {
  forbidden: [
    ...layers,
    rule(
      "quorum-log-is-below",
      "src/quorum/log is what anybody can judge who knows a member set: it knows the rules, and neither voter nor start",
      { path: "^src/quorum/log/" },
      { path: "^src/quorum/", pathNot: "^src/quorum/(log/|rules\\.ts$)" },
    ),
    rule(
      "quorum-rules-are-pure",
      "The tables of rules, and what a caller and a voter promise each other, name the log's nouns and no state",
      { path: "^src/quorum/(rules|contract)\\.ts$" },
      { path: "^src/quorum/", pathNot: "^src/quorum/(log/|rules\\.ts$)" },
    ),
    rule(
      "quorum-has-a-door",
      "What keeps a voter's state is entered through src/quorum/index.ts",
      { path: "^(src|node|testnet)/", pathNot: "^src/quorum/" },
      { path: "^src/quorum/(voter|start|rules\\.ts|contract\\.ts)" },
    ),
    rule("no-cycles", "A circle of files has no bottom to start reading at", {}, { circular: true }),
    rule(
      "src-has-a-layer",
      "A new folder of src/ gets its place among the layers above",
      { path: "^src/", pathNot: `^src/(index\\.ts$|(${Object.keys(BELOW).join("|")})/)` },
      {},
    ),
    rule(
      "src-touches-nothing",
      "The protocol is pure: Node belongs to node/",
      { path: "^src/" },
      { dependencyTypes: ["core"] },
    ),
    rule(
      "src-stands-alone",
      "The protocol knows neither its body nor its world",
      { path: "^src/" },
      { path: "^(node|testnet|test|scripts|bin)/" },
    ),
    rule(
      "src-packages",
      "Of packages, the protocol knows noble's pure hashes and ciphers",
      { path: "^src/" },
      { path: "node_modules", pathNot: "node_modules/@noble/(hashes|ciphers)/" },
    ),
    rule(
      "contract-is-below",
      "What server and clients agree on stands on src/base and zod: it knows neither",
      { path: "^node/contract/" },
      { pathNot: "^(src/base/|node/contract/|node/nearest\\.ts$|node_modules/zod/|buffer$)" },
    ),
    rule(
      "sdk-is-a-client",
      "A program that speaks to a daemon needs the contract, and neither the server nor the command line",
      { path: "^node/sdk/", pathNot: "^node/sdk/agent/(place|own-hands)\\.ts$" },
      {
        path: "^(src/(?!base/)|node/|testnet/)",
        pathNot: "^node/(sdk|contract)/|^node/(accident|printable)\\.ts$|^src/market/strategies/index\\.ts$",
      },
    ),
    rule(
      "sdk-signs",
      "An agent with its own key makes operations as the protocol has them, and is a client otherwise",
      { path: "^node/sdk/agent/own-hands\\.ts$" },
      {
        path: "^(src|node|testnet)/",
        pathNot:
          "^src/(base|crypto|ledger|market)/index\\.ts$|^node/(sdk|contract)/|^node/crypto/signer\\.ts$",
      },
    ),
    rule(
      "sdk-finds-daemons",
      "An agent finds its daemon as the command line does, and by nothing else of it",
      { path: "^node/sdk/agent/place\\.ts$" },
      { path: "^(src|node|testnet)/", pathNot: "^node/sdk/|^node/cli/find-daemon\\.ts$" },
    ),
    rule(
      "node-is-not-testnet",
      "A daemon knows nothing of test networks",
      { path: "^node/" },
      { path: "^testnet/" },
    ),
    rule(
      "test-is-last",
      "Nothing that ships imports a test",
      { path: "^(node|testnet|bin)/" },
      { path: "^test/" },
    ),
    rule(
      "shipped-packages",
      "What ships needs only what is installed with it",
      { path: "^(src|node|testnet|bin)/" },
      { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    ),
    rule("resolvable", "An import that leads nowhere", {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      mainFields: ["module", "main", "types"],
    },
  },
};
