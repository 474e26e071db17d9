// Targets: what people and programs hand over as text or as files, and rows of a disk that may be damaged.
import { parse, TomlError } from "smol-toml";
import { transcriptFromView } from "../../../node/api/transcript-json.js";
import { loadAddressRules, settings } from "../../../node/config/settings.js";
import {
  createAuctionRequest,
  envelopeRequest,
  faucetRequest,
  placeBidRequest,
  transcriptView,
  transferRequest,
} from "../../../node/contract/index.js";
import { KeyError } from "../../../node/keys/key-error.js";
import { readKeyFile, writeKeyFile } from "../../../node/keys/key-file.js";
import { decodeSlot, encodeSlot } from "../../../node/store/guard-slot.js";
import { type Bytes, equalBytes, utf8 } from "../../../src/base/index.js";
import { decodeGenesis, encodeGenesis } from "../../../src/ledger/index.js";
import { auctionOf } from "../../../src/market/index.js";
import { openPeer, verifyTranscript } from "../../../src/peer/index.js";
import { openGuard, sealGuard } from "../../../src/quorum/index.js";
import { keyOf } from "../../peer/cluster.js";
import { knownKeys } from "../known-keys.js";
import { realInputs } from "../real.js";
import { mustHold, type Signal, type Target } from "../target.js";
import { bidRequests, transcriptText } from "../texts.js";
import { choicesOf } from "./peer-side.js";

const textOf = (input: Bytes): string => Buffer.from(input).toString("utf8");

const KEY_FILE = writeKeyFile({
  kind: "agent",
  publicKey: new Uint8Array(32).fill(7),
  secret: { plainSeed: new Uint8Array(32).fill(9) },
});

const SEALED_KEY_FILE = writeKeyFile({
  kind: "consensus",
  publicKey: new Uint8Array(32).fill(7),
  secret: {
    sealed: { salt: new Uint8Array(16), nonce: new Uint8Array(24), ciphertext: new Uint8Array(48) },
  },
});

function keyFile(input: Bytes): Signal {
  try {
    const file = readKeyFile(textOf(input), "agent.json");
    mustHold(
      readKeyFile(writeKeyFile(file), "again").kind === file.kind,
      "a key file that cannot be written back",
    );
    return `ok ${file.kind} ${Object.keys(file.secret).join()}`;
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    return `${error.code} ${error.message.slice(0, 60)}`;
  }
}

const CONFIG = `listen = ["/ip4/127.0.0.1/tcp/4001"]
join = []
chain = "${"ab".repeat(32)}"
api = "[::1]:4080"
inMemory = true
logLevel = "debug"
insecurePlainKeys = false
maxConnections = 12
`;

await loadAddressRules();

/** smol-toml says by an exception that a text is no TOML; what it reads is judged without one. */
function config(input: Bytes): Signal {
  let values: unknown;
  try {
    values = parse(textOf(input));
  } catch (error) {
    mustHold(error instanceof TomlError, `the parser threw ${String(error)}`);
    return "no TOML";
  }
  const judged = settings.safeParse(values);
  return judged.success
    ? `ok ${Object.keys(judged.data).length}`
    : judged.error.issues.map(({ code, path }) => `${code} ${path[0] as string}`).join();
}

const REQUESTS = { createAuctionRequest, placeBidRequest, transferRequest, faucetRequest, envelopeRequest };

/** Bodies of the API: of each shape, what one reads of it is what it reads again. */
function requests(input: Bytes): Signal {
  let value: unknown;
  try {
    value = JSON.parse(textOf(input));
  } catch {
    return "no JSON";
  }
  const signals = Object.entries(REQUESTS).map(([name, shape]) => {
    const read = shape.safeParse(value);
    if (!read.success) return `${read.error.issues[0]!.code} ${String(read.error.issues[0]!.path[0])}`;
    mustHold(shape.safeParse(read.data).success, `${name} reads what it does not read again`);
    return name;
  });
  return `${signals.some((one) => one in REQUESTS) ? "ok " : ""}${signals.join()}`;
}

/** A stranger's transcript: it fails, or it proves the outcome that the log has. */
function transcript(input: Bytes): Signal {
  let value: unknown;
  try {
    value = JSON.parse(textOf(input));
  } catch {
    return "no JSON";
  }
  const view = transcriptView.safeParse(value);
  if (!view.success) return `no transcript ${String(view.error.issues[0]!.path[0])}`;
  const { chain } = realInputs().behind.ledger.network;
  const { ok, outcome, checks } = verifyTranscript(transcriptFromView(view.data), chain, knownKeys);
  if (!ok)
    return `${checks.at(-1)!.name} ${checks
      .at(-1)!
      .detail.replace(/[0-9a-f]{8,}|\d+/g, "#")
      .slice(0, 60)}`;
  const auction = auctionOf(realInputs().behind.ledger, realInputs().auction)!;
  const { phase } = auction;
  mustHold(outcome?.phase === phase.kind, `proves ${outcome?.phase}, the log says ${phase.kind}`);
  if (phase.kind === "done") {
    mustHold(
      outcome.awards.length === 1 && outcome.clearingPrice === phase.clearingPrice,
      "proves another outcome",
    );
  }
  return "ok";
}

/** A slot of the guard file is whole, or it is none: what is read of one is what was written. */
function guardSlot(input: Bytes): Signal {
  const slot = decodeSlot(input);
  if (slot === null) return "none";
  const end = 16 + slot.record.length + 32;
  mustHold(
    slot.sequence === 0 || equalBytes(encodeSlot(slot).subarray(0, end), input.subarray(0, end)),
    "reads what was not written",
  );
  return `ok ${slot.record.length}`;
}

function guard(input: Bytes): Signal {
  const record = openGuard(input);
  if (record === null) return "none";
  mustHold(equalBytes(sealGuard(record), input), "opens what was not sealed");
  return `ok ${record.marks.length}`;
}

function genesisFile(input: Bytes): Signal {
  const read = decodeGenesis(input);
  if (!read.ok) return read.error.code;
  mustHold(equalBytes(encodeGenesis(read.value), input), "a genesis with two encodings has two chains");
  return "ok";
}

/** One row of a real disk is damaged, or stands under another key: the peer opens, or names what is wrong. */
function disk(input: Bytes): Signal {
  const { cluster } = realInputs();
  const host = cluster.host(0);
  const random = choicesOf(input);
  const keys = [...host.rows.keys()].filter((key) => !key.startsWith("log/")).sort();
  const rows = new Map(host.rows);
  rows.set(random.pick(keys), input);
  const config = { ...host.config(false), signer: keyOf("seat 0"), verifier: knownKeys };
  const openedPeer = openPeer(config, rows, host.guard);
  return openedPeer.ok ? `ok ${openedPeer.value.voter.standing}` : `${openedPeer.error.code}`;
}

const rows = (): readonly Bytes[] =>
  [...realInputs().rows]
    .filter(([key, value]) => !key.startsWith("log/") && value.length < 2000)
    .map(([, value]) => value);

export const TEXTS: readonly Target[] = [
  {
    name: "key-file",
    share: 1,
    text: true,
    seeds: () => [utf8(KEY_FILE), utf8(SEALED_KEY_FILE)],
    take: keyFile,
  },
  { name: "config-file", share: 1, text: true, seeds: () => [utf8(CONFIG)], take: config },
  { name: "api-requests", share: 1, text: true, seeds: () => bidRequests().map(utf8), take: requests },
  {
    name: "transcript-file",
    share: 0.5,
    text: true,
    seeds: () => [utf8(transcriptText())],
    take: transcript,
  },
  {
    name: "guard-slot",
    share: 0.5,
    seeds: () => realInputs().guards.map((record) => encodeSlot({ sequence: 3, record })),
    take: guardSlot,
  },
  { name: "guard", share: 1, seeds: () => realInputs().guards, take: guard },
  { name: "genesis-file", share: 1, seeds: () => [realInputs().genesis], take: genesisFile },
  { name: "disk", share: 0.1, seeds: rows, take: disk },
];
