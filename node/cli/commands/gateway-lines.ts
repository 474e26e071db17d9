// What a gateway says of itself: a banner, then what happens; for people in lines, for programs one line of JSON each.

import type { Places } from "../../banner.js";
import { DIMENSION_WORDS, grouped } from "../../gateway/amount-words.js";
import { isSubscriptionCredential } from "../../gateway/credential.js";
import { eventWords } from "../../gateway/event-words.js";
import type { GatewayEvent, GatewayOptions } from "../../gateway/gateway.js";
import type { HostedGateway } from "../../gateway/hosted-gateway.js";
import type { Standing } from "../../gateway/place.js";
import type { Passed } from "../../gateway/passed.js";
import { shellWord } from "../../shell-word.js";
import type { Terminal } from "../terminal.js";

/** The codes of what the owner of the key is told. */
const WARNINGS = {
  accident: "REQUEST_FAILED",
  exhausted: "KEY_EXHAUSTED",
  resumed: "KEY_RESUMED",
  plan: "PLAN_USED",
  unlisted: "PRICE_UNLISTED",
} as const;

type Line = readonly [label: string, text: string];

export class GatewayTeller {
  constructor(
    private readonly terminal: Terminal,
    private readonly json: boolean,
    private readonly options: Omit<GatewayOptions, "onEvent">,
    /** what an agent that nobody named gets */
    private readonly unknown: Standing,
  ) {}

  /** It serves, and so does the API. @param waitsFor what its ledger lacks; null: nothing */
  ready(running: HostedGateway, places: Places, waitsFor: string | null): void {
    const { terminal } = this;
    if (this.json) this.write("GatewayReady", { url: running.url, api: places.url });
    else
      for (const [label, text] of this.banner(running, places))
        terminal.out(`${label.padEnd(10)}${text}`.trimEnd());
    if (waitsFor !== null) this.warn("LEDGER_WAITS", `its ledger in ${places.home} waits for ${waitsFor}`);
    if (isSubscriptionCredential(this.options.key))
      this.warn("KEY_OF_A_PERSON", "the key is a person's subscription: its terms let nobody else use it");
  }

  happened(event: GatewayEvent): void {
    if (event.kind === "drift") this.drifted(event);
    else if (event.kind !== "passed") this.warn(WARNINGS[event.kind], eventWords(event));
    else if (this.json) this.passed(event.passed);
  }

  private drifted({ dimension, amount }: Extract<GatewayEvent, { kind: "drift" }>): void {
    if (this.json) this.write("GatewayDrift", { dimension, amount });
    else
      this.terminal.err(
        `somebody else uses the key: ${grouped(amount)} ${dimension} that did not come through here`,
      );
  }

  private passed({ id, caller, model, waitedMs, tookMs, used, end }: Passed): void {
    const { inputTokens = null, outputTokens = null } = used ?? {};
    const agent = { agent: caller.who, parent: caller.parent, toldBy: caller.toldBy };
    this.write("GatewayPassed", { id, ...agent, model, waitedMs, tookMs, inputTokens, outputTokens, end });
  }

  private warn(code: string, message: string): void {
    if (this.json) this.write("GatewayWarning", { code, message });
    else this.terminal.err(`warning: ${message}`);
  }

  private write(kind: string, fields: object): void {
    this.terminal.out(JSON.stringify({ apiVersion: "v1", kind, ...fields }));
  }

  private banner(running: HostedGateway, { home, url: api, tokenFile }: Places): readonly Line[] {
    const { limits, headroomBp, upstream } = running;
    const { weight, band } = this.unknown;
    const amounts = limits.map(({ dimension, limit }) => `${grouped(limit)} ${DIMENSION_WORDS[dimension]}`);
    const self = this.terminal.self;
    return [
      ["Gateway", running.url],
      ["Upstream", upstream.href.replace(/\/$/, "")],
      ["Limits", `${amounts.join(", ")} a minute; ${headroomBp / 100} % of each is left alone`],
      ["Agents", `told apart by what their clients send; an unknown one has weight ${weight}, band ${band},`],
      ["", "and no limit of spending; what one does not use is lent to the others"],
      ["Errors", "the upstream's are passed on; over a limit a request waits, as long as its client does"],
      ["Storage", `${home}; what requests used is kept in memory alone`],
      ["API", `${api} (token in ${tokenFile})`],
      ["", ""],
      ["Point clients at it, with any key:", ""],
      ...clientsOf(upstream, running.url).map((line): Line => [`  ${line}`, ""]),
      ["", ""],
      [`See it work: \`${self} gateway top\``, ""],
    ];
  }
}

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
