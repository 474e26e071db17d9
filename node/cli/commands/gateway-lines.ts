// What a gateway says of itself: a banner, then what happens; for people in lines, for programs one line of JSON each.
import { gatewayRequestView, planView, untilOf } from "../../api/views/gateway.js";
import type { Places } from "../../banner.js";
import { isSubscriptionCredential } from "../../gateway/credential.js";
import { eventWords } from "../../gateway/event-words.js";
import { NO_FALLBACK } from "../../gateway/fallback/chains.js";
import type { HostedEvent } from "../../gateway/hosted-event.js";
import type { HostedGateway } from "../../gateway/hosted-gateway.js";
import { type NamedAgent, UNKNOWN } from "../../gateway/named/named-agent.js";
import { SNAPSHOT } from "../../gateway/prices/snapshot.js";
import { unlimitedWords } from "../../gateway/spending/words.js";
import { shellWord } from "../../shell-word.js";
import type { Terminal } from "../terminal.js";
import type { GivenOptions } from "./gateway-flags.js";
import { limitsWords, spendingWords } from "./gateway-words.js";

type Line = readonly [label: string, text: string];

/** So long lines for a program wait for one another: each write wakes up whoever reads. */
const GATHER_MS = 20;

export class GatewayTeller {
  /** for a program, not written yet */
  private lines: string[] = [];
  private gathering: NodeJS.Timeout | null = null;

  constructor(
    private readonly terminal: Terminal,
    private readonly json: boolean,
    private readonly options: GivenOptions,
  ) {}

  /** It serves, and so does the API. @param waitsFor what its ledger lacks; null: nothing */
  ready(running: HostedGateway, places: Places, waitsFor: string | null): void {
    const { terminal } = this;
    if (this.json) this.write("GatewayReady", { url: running.url, api: places.url });
    else
      for (const [label, text] of this.banner(running, places))
        terminal.out(`${label.padEnd(10)}${text}`.trimEnd());
    const { cut } = running.books.counts;
    if (cut > 0) this.warn("REQUESTS_CUT", `${cut} requests were cut off as it ended last; ${CUT_WORDS}`);
    if (waitsFor !== null) this.warn("LEDGER_WAITS", `its ledger in ${places.home} waits for ${waitsFor}`);
    const open = unlimitedWords(running.named.values());
    if (open !== null) this.warn("UNKNOWN_UNLIMITED", open);
    if (isSubscriptionCredential(this.options.key))
      this.warn("KEY_OF_A_PERSON", "the key is a person's subscription: its terms let nobody else use it");
    this.flush();
  }

  /** Writes at once what waits to be written. */
  flush(): void {
    if (this.gathering !== null) clearTimeout(this.gathering);
    this.gathering = null;
    if (this.lines.length > 0) this.terminal.out(this.lines.join("\n"));
    this.lines = [];
  }

  happened(event: HostedEvent): void {
    if (event.kind === "accident") this.warn("REQUEST_FAILED", eventWords(event)!);
    else if (this.json) this.write(...documentOf(event));
    else {
      const words = eventWords(event);
      if (words !== null) this.terminal.err(words);
    }
  }

  /** It has been told to end. */
  ending(answers: number): void {
    if (answers === 0) return;
    const words = `${answers} ${answers === 1 ? "answer runs" : "answers run"}, for ten seconds at most: a second Ctrl-C ends it at once`;
    if (this.json) this.write("GatewayWarning", { code: "ENDING", message: words });
    else this.terminal.err(`ending: ${words}`);
  }

  private warn(code: string, message: string): void {
    if (this.json) this.write("GatewayWarning", { code, message });
    else this.terminal.err(`warning: ${message}`);
  }

  private write(kind: string, fields: object): void {
    this.lines.push(JSON.stringify({ apiVersion: "v1", kind, ...fields }));
    this.gathering ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  private banner(running: HostedGateway, { home, url: api, tokenFile }: Places): readonly Line[] {
    const { limits, headroomBp, upstream, named, books } = running;
    const { weight, band, limits: spending } = named.get(UNKNOWN)!;
    const { sharedLimits = false, strictPaths = false } = this.options;
    const self = this.terminal.self;
    return [
      ["Gateway", running.url],
      ["Upstream", upstream.href.replace(/\/$/, "")],
      ["Limits", `${limitsWords(limits, headroomBp)}; ${SHARED_WORDS[sharedLimits ? "all" : "each"]}`],
      ["Agents", `told apart by what their clients send; an unknown one has weight ${weight}, band ${band},`],
      ["", `${mayWords(spendingWords(spending))}; what one does not use is lent to the others`],
      ...keysWords(named.values(), self).map((text): Line => ["", text]),
      ["Prices", pricesWords(this.options)],
      ...fallbackWords(this.options).map((text, at): Line => [at === 0 ? "Instead" : "", text]),
      ["Errors", "the upstream's are passed on; over a limit a request waits, as long as its client does"],
      ...(strictPaths ? [["", STRICT_WORDS] as const] : uncountedLines(named.values())),
      ["", FAIL_WORDS[books.rules.fail]],
      ["Storage", `${home}; what requests cost is kept over restarts`],
      ["API", `${api} (token in ${tokenFile})`],
      ["", ""],
      ["Point clients at it, with any key:", ""],
      ...clientsOf(upstream, running.url).map((line): Line => [`  ${line}`, ""]),
      ["", ""],
      [`See it work: \`${self} gateway top\``, ""],
    ];
  }
}

/** How many show a key, and what changes the standing of the others. */
function keysWords(agents: readonly NamedAgent[], self: string): readonly string[] {
  const count = agents.length - 1;
  if (count === 0) return [];
  return [
    `${count === 1 ? "one has a key" : `${count} have keys`}; whoever shows none is ${UNKNOWN}: \`${self} gateway agents set ${UNKNOWN}\` changes what it may do`,
  ];
}

function pricesWords({ prices = [] }: GivenOptions): string {
  const own = prices.length === 0 ? "" : `yours of ${prices.length} models, then `;
  return `${own}as published on ${SNAPSHOT.date}; a model without one costs as the dearest of its kind (--prices FILE)`;
}

const fallbackWords = ({ fallback = NO_FALLBACK }: GivenOptions): readonly string[] =>
  fallback.chains.map(
    ({ model, instead }) =>
      `${instead.join(", then ")} for ${model}, in trouble of: ${fallback.on.join(", ")}`,
  );

const mayWords = (limits: string | null): string =>
  limits === null ? "and no limit of spending" : `and all of them may spend ${limits}`;

/** Of which models a limit is one. */
const SHARED_WORDS = {
  each: "each class of models has its own",
  all: "all models share them",
} as const;

const STRICT_WORDS = "calls that no API of these kinds has are refused";

/** Where somebody has a limit of spending, what may pass it. */
const uncountedLines = (agents: readonly NamedAgent[]): readonly Line[] =>
  agents.every(({ limits }) => spendingWords(limits) === null)
    ? []
    : [
        ["", "calls that no API of these kinds has (files, batches, pictures) pass, and cost what their"],
        ["", "answers tell of usage, or nothing in its books: --strict-paths refuses them"],
      ];

/** What happens while nothing can be written down of what requests cost. */
const FAIL_WORDS = {
  closed: "fail closed: while its books cannot be written, no request is sent",
  open: "fail open: while its books cannot be written, requests are sent and counted in memory",
} as const;

const CUT_WORDS = "they are charged what is known to have come of them";

/** How each vendor's own client is told where its API is; null as vendor: an upstream of an unknown kind. */
const CLIENTS = [
  { vendor: "openai.com", line: (url: string) => `export OPENAI_BASE_URL=${shellWord(`${url}/v1`)}` },
  { vendor: "anthropic.com", line: (url: string) => `export ANTHROPIC_BASE_URL=${shellWord(url)}` },
  { vendor: "googleapis.com", line: (url: string) => `export GOOGLE_GEMINI_BASE_URL=${shellWord(url)}` },
] as const;

function clientsOf({ hostname }: URL, url: string): readonly string[] {
  const known = CLIENTS.filter(({ vendor }) => hostname === vendor || hostname.endsWith(`.${vendor}`));
  return (known.length > 0 ? known : CLIENTS).map(({ line }) => line(url));
}

type Told = Exclude<HostedEvent, { kind: "accident" }>;

/** An event as a program reads it: its kind, and its fields. */
function documentOf(event: Told): readonly [kind: string, fields: object] {
  switch (event.kind) {
    case "passed":
      return ["GatewayPassed", gatewayRequestView(event.passed)];
    case "drift":
      return [
        "GatewayDrift",
        { pool: event.pool, state: event.state, ...event.limit, amount: event.amount, forMs: event.forMs },
      ];
    case "limits":
      return ["GatewayLimits", { pool: event.pool, limits: event.limits }];
    case "exhausted":
      return ["GatewayExhausted", { pool: event.pool, why: event.why, until: untilOf(event.untilMs) }];
    case "keyRefused":
      return ["GatewayKeyRefused", { isKnown: event.isKnown, model: event.model }];
    case "keyTaken":
      return ["GatewayKeyTaken", { forMs: event.forMs }];
    case "unanswered":
      return ["GatewayUnanswered", { why: event.why }];
    case "answers":
      return ["GatewayAnswers", { forMs: event.forMs }];
    case "near": {
      const { level, window, most, used, resetsMs } = event.bound;
      return [
        "GatewayBudgetNear",
        { agent: level, window, most: String(most), used: String(used), resets: untilOf(resetsMs) },
      ];
    }
    case "unsettled":
      return ["GatewayBudgetUnsettled", { agent: event.agent, code: event.code }];
    case "unlisted":
      return ["GatewayUnlistedModel", { model: event.model, pricedAs: event.pricedAs }];
    case "booksUnwritable": {
      const { message, fix } = event.error;
      return ["GatewayBooksUnwritable", { message, fix }];
    }
    case "booksWritable":
      return ["GatewayBooksWritable", { lostRecords: event.lostRecords }];
    case "parts":
      return ["GatewayParts", { parts: event.parts, until: untilOf(event.untilMs) }];
    case "wishRefused":
      return ["GatewayWishRefused", { wish: event.wish, code: event.refusal.code }];
    case "resumed":
      return ["GatewayResumed", { pool: event.pool }];
    case "plan":
      return ["GatewayPlan", planView(event.plan)];
  }
}
