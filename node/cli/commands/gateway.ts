// `gateway`: runs in the foreground until a signal ends it.
import type { Limit, PoolRules } from "../../../src/quota/index.js";
import { codeOf, messageOf } from "../../accident.js";
import { isSubscriptionCredential } from "../../gateway/credential.js";
import { eventWords } from "../../gateway/event-words.js";
import type { GatewayEvent } from "../../gateway/gateway.js";
import { readPrivateText } from "../../keys/private-files.js";
import { isLoopback } from "../../loopback.js";
import { untilSignal } from "../../signals.js";
import { EXIT } from "../commands.js";
import { CliFailure, usageFailure } from "../failure.js";
import type { Terminal } from "../terminal.js";

interface GatewayFlags {
  readonly upstream: string;
  readonly keyFile: string;
  readonly rpm?: number;
  readonly tpm?: number;
  readonly itpm?: number;
  readonly otpm?: number;
  readonly listen?: string;
  readonly json?: true;
}

const MINUTE_MS = 60_000;
const USUAL_PLACE = "127.0.0.1:4170";

/** How one who says nothing of it is served. */
const USUAL: Omit<PoolRules, "limits" | "output"> = {
  headroomBp: 200,
  floorBp: 500,
  memory: { halfLifeMs: MINUTE_MS, credit: 0 },
  congestion: { first: 8, most: 256, pauseMs: 5_000 },
  maxWaiting: 10_000,
  maxWaitingPerFlow: 1_000,
};

export async function gateway(terminal: Terminal, flags: GatewayFlags): Promise<void> {
  const upstream = urlOf(flags.upstream);
  const key = keyOf(flags.keyFile);
  const limits = limitsOf(flags);
  const listen = placeOf(flags.listen ?? USUAL_PLACE);
  const { startGateway } = (await import(
    new URL("../../gateway/gateway.js", import.meta.url).href
  )) as typeof import("../../gateway/gateway.js");
  terminal.outlive();
  const ending = untilSignal(null);
  const running = await startGateway({
    ...{ upstream, key, listen },
    rules: {
      ...USUAL,
      limits,
      output: flags.itpm === undefined && flags.otpm === undefined ? "asked" : "written",
    },
    standingOf: () => ({ weight: 1, band: "normal" }),
    onEvent: (event) => tell(terminal, flags, event),
  });
  if (flags.json === true)
    terminal.out(JSON.stringify({ apiVersion: "v1", kind: "GatewayReady", url: running.url }));
  else for (const line of bannerOf(running.url, upstream, limits)) terminal.out(line);
  if (isSubscriptionCredential(key))
    terminal.err("warning: the key is a person's subscription: its terms let nobody else use it");
  await ending;
  await running.close();
}

/** @throws CliFailure USAGE */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSecure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (url !== null && isSecure && url.search === "" && url.username === "") return url;
  const why =
    url === null ? `${text} is no address` : `${text} is not encrypted, or carries more than a place`;
  throw usageFailure(
    "could not take --upstream",
    why,
    "write it like https://api.openai.com; without TLS on this machine alone",
  );
}

/** @throws CliFailure KEY_UNREADABLE, KeyError TOO_OPEN */
function keyOf(path: string): string {
  let text: string;
  try {
    text = readPrivateText(path).trim();
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "EISDIR" && codeOf(error) !== "EACCES") throw error;
    const fix = "write the API's key to a file that only you may read, and name it with --key-file";
    throw new CliFailure(EXIT.notFound, "KEY_UNREADABLE", `could not read ${path}`, messageOf(error), fix);
  }
  if (/^[\x21-\x7e]{1,4096}$/.test(text)) return text;
  throw usageFailure(
    `could not take the key in ${path}`,
    "it is not one line of printable characters",
    "write the key there, and nothing else",
  );
}

/** @throws CliFailure USAGE: nothing limits the key */
function limitsOf({ rpm, tpm, itpm, otpm }: GatewayFlags): readonly Limit[] {
  const given = [
    ["requests", rpm],
    ["tokens", tpm],
    ["inputTokens", itpm],
    ["outputTokens", otpm],
  ] as const;
  const limits = given.flatMap(([dimension, limit]) =>
    limit === undefined ? [] : [{ dimension, limit, windowMs: MINUTE_MS }],
  );
  if (limits.length > 0) return limits;
  throw usageFailure(
    "could not start the gateway",
    "nothing says what the key may do a minute",
    "say at least one of --rpm, --tpm, --itpm and --otpm, as your account's limits page shows them",
  );
}

/** @throws CliFailure USAGE */
function placeOf(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host !== undefined && port <= 65_535 && isLoopback(host)) return { host, port };
  throw usageFailure(
    "could not take --listen",
    `${text} is no host:port of this machine alone`,
    "write it like 127.0.0.1:4170",
  );
}

const UNITS: Readonly<Record<Limit["dimension"], string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input tokens",
  outputTokens: "output tokens",
};

const bannerOf = (url: string, upstream: URL, limits: readonly Limit[]): readonly string[] => [
  `Gateway   ${url}`,
  `Upstream  ${upstream.origin}`,
  `Limits    ${limits.map(({ dimension, limit }) => `${limit} ${UNITS[dimension]}`).join(", ")} a minute; ${USUAL.headroomBp / 100} % of each is left alone`,
  "Agents    told apart by what their clients send; each has the same share, and idle share is lent",
  `Errors    what the upstream answers is passed on; what has no room waits as long as its client does`,
  "",
  "Point clients at it, with any key:",
  `  export OPENAI_BASE_URL=${url}/v1`,
  `  export ANTHROPIC_BASE_URL=${url}`,
];

function tell(terminal: Terminal, { json }: GatewayFlags, event: GatewayEvent): void {
  if (json === true && event.kind !== "accident") terminal.out(JSON.stringify(event));
  else {
    const words = eventWords(event);
    if (words !== null) terminal.err(`warning: ${words}`);
  }
}
