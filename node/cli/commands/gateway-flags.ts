// What the flags of a gateway mean, judged before anything is made.
import type { Limit, PoolRules } from "../../../src/quota/index.js";
import { codeOf } from "../../accident.js";
import type { BooksRules } from "../../gateway/books/books.js";
import type { GatewayOptions } from "../../gateway/gateway.js";
import { KeyError } from "../../keys/key-error.js";
import { readPrivateText } from "../../keys/private-files.js";
import { isLoopback } from "../../loopback.js";
import { shellWord } from "../../shell-word.js";
import { EXIT } from "../commands.js";
import { CliFailure, usageFailure } from "../failure.js";
import type { DaemonFlags } from "./daemon.js";
import { type ModelFlags, modelOptionsOf } from "./gateway-models.js";
import type { SharedFlags } from "./gateway-shared.js";

export interface GatewayFlags extends DaemonFlags, ModelFlags, SharedFlags {
  readonly upstream?: string;
  readonly keyFile?: string;
  readonly rpm?: number;
  readonly tpm?: number;
  readonly itpm?: number;
  readonly otpm?: number;
  readonly sharedLimits?: true;
  readonly strictPaths?: true;
  readonly listen?: string;
  readonly fail?: BooksRules["fail"];
}

const MINUTE_MS = 60_000;
const USUAL_PLACE = "127.0.0.1:4170";

/** How one who says nothing of it is served. */
export const USUAL: Omit<PoolRules, "limits" | "output"> = {
  headroomBp: 200,
  floorBp: 500,
  interactiveBp: 1_000,
  memory: { halfLifeMs: MINUTE_MS, credit: 0 },
  congestion: { first: 8, most: 256, pauseMs: 5_000 },
  maxWaiting: 10_000,
  maxWaitingPerFlow: 1_000,
};

/** What flags say of a gateway; the rest is its daemon's. */
export type GivenOptions = Omit<GatewayOptions, "onEvent" | "named" | "books" | "budgets"> &
  Pick<BooksRules, "fail">;

/** @throws CliFailure, KeyError TOO_OPEN */
export function optionsOf(flags: GatewayFlags): GivenOptions {
  const upstream = urlOf(flags.upstream);
  const limits = limitsOf(flags);
  const listen = placeOf(flags.listen ?? USUAL_PLACE);
  const output = flags.itpm === undefined && flags.otpm === undefined ? "asked" : "written";
  const models = modelOptionsOf(flags);
  const key = keyOf(flags.keyFile);
  const fail = flags.fail ?? "closed";
  const switches = { sharedLimits: flags.sharedLimits === true, strictPaths: flags.strictPaths === true };
  return { upstream, key, listen, rules: { ...USUAL, limits, output }, fail, ...switches, ...models };
}

/** @throws CliFailure USAGE */
function urlOf(text: string | undefined): URL {
  if (text === undefined)
    throw usageFailure(
      "could not start the gateway",
      "--upstream does not say which API it stands before",
      "write it like --upstream https://api.openai.com",
    );
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSecure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (url !== null && isSecure && /\/v1\/*$/.test(url.pathname)) throw doubledPath(url);
  if (url !== null && isSecure && url.search === "" && url.username === "") return url;
  const why =
    url === null ? `${text} is no address` : `${text} is not encrypted, or carries more than a place`;
  throw usageFailure(
    "could not take --upstream",
    why,
    "write it like https://api.openai.com; without TLS on this machine alone",
  );
}

/** Where clients are told their API with its `/v1`, as OpenAI's are: the gateway's place ends with it, and not the upstream's. */
function doubledPath(url: URL): CliFailure {
  const place = url.href.replace(/\/v1\/*$/, "");
  return usageFailure(
    "could not take --upstream",
    `${url.href} ends with /v1, which clients put before their paths themselves`,
    `write it like --upstream ${place}; clients are told the gateway's address with /v1, where they need it`,
  );
}

/** As vendors write their keys. */
const LIKE_A_KEY = /^(?:sk|pk|xai|gsk|AIza)[-_\w]{16,}$/;

const UNREADABLE: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file"],
  ["EISDIR", "it is a folder"],
  ["EACCES", "this user may not read it"],
]);

/** @throws CliFailure USAGE, KEY_UNREADABLE, KeyError TOO_OPEN */
function keyOf(path: string | undefined): string {
  const fix = "write the API's key to a file that only you may read, and name it with --key-file";
  if (path === undefined) throw usageFailure("could not start the gateway", "--key-file names no key", fix);
  // Said without the word itself: a terminal's lines are kept.
  if (LIKE_A_KEY.test(path))
    throw usageFailure(
      "could not start the gateway",
      "--key-file is given what looks like the key itself",
      fix,
    );
  let text: string;
  try {
    text = readPrivateText(path).trim();
  } catch (error) {
    if (error instanceof KeyError)
      throw new KeyError(error.code, error.what, error.why, `run: chmod 600 ${shellWord(path)}`, error);
    const why = UNREADABLE.get(codeOf(error) ?? "");
    if (why === undefined) throw error;
    throw new CliFailure(EXIT.notFound, "KEY_UNREADABLE", `could not read ${path}`, why, fix);
  }
  if (/^[\x21-\x7e]{1,4096}$/.test(text)) return text;
  throw usageFailure(
    `could not take the key in ${path}`,
    "it is not one line of printable characters",
    "write the key there, and nothing else",
  );
}

/** None: answers tell all of them (spec/gateway#G24). */
function limitsOf({ rpm, tpm, itpm, otpm }: GatewayFlags): readonly Limit[] {
  const given = [
    ["requests", rpm],
    ["tokens", tpm],
    ["inputTokens", itpm],
    ["outputTokens", otpm],
  ] as const;
  return given.flatMap(([dimension, limit]) =>
    limit === undefined ? [] : [{ dimension, limit, windowMs: MINUTE_MS }],
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
