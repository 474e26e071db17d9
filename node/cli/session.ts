// What a command that speaks to a daemon is given: the way there, and the two ways of showing what came back.
import type { ApiEvent } from "../contract/index.js";
import { ApiClient } from "../sdk/client.js";
import { follow } from "../sdk/follow.js";
import { EXIT } from "./commands.js";
import { CliFailure } from "./failure.js";
import { type DaemonFlags, findDaemon } from "./find-daemon.js";
import { print } from "./show.js";
import type { Terminal } from "./terminal.js";

export interface SessionFlags extends DaemonFlags {
  readonly json?: boolean;
  readonly peer?: number;
  /** ms */
  readonly timeout?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** A daemon that sheds load is asked again so often, after the time that it names. */
const BUSY_RETRIES = 4;

export class Session {
  private constructor(
    readonly client: ApiClient,
    readonly terminal: Terminal,
    readonly json: boolean,
    /** how long to wait for something to happen; null: nobody said */
    readonly patienceMs: number | null,
  ) {}

  /** @param isOfGateway the daemon of a gateway is meant */
  static async open(flags: SessionFlags, terminal: Terminal, isOfGateway = false): Promise<Session> {
    const address = await findDaemon(flags, terminal.env, isOfGateway);
    if (address.speaker !== null) terminal.err(address.speaker);
    const json = flags.json === true;
    const tell = (line: string): void => terminal.err(line);
    const client = new ApiClient(
      address,
      address.peer,
      flags.timeout ?? DEFAULT_TIMEOUT_MS,
      !json,
      undefined,
      { retries: BUSY_RETRIES, tell },
    );
    return new Session(client, terminal, json, flags.timeout ?? null);
  }

  /** The document as one line of JSON, or what `forPeople` prints of it. */
  show(document: object, forPeople: () => void): void {
    print(this.terminal, this.json, document, forPeople);
    if (!("unshown" in document)) return;
    for (const { id, why } of document.unshown as readonly { readonly id: string; readonly why: string }[])
      this.terminal.err(`warning: the daemon could not show ${id}: ${why}`);
  }

  /** Progress, for people who watch. */
  progress(line: string): void {
    if (this.terminal.progress && !this.json) this.terminal.err(line);
  }

  /**
   * Waits until `look` finds something: at once, and again after each event of these types.
   * @throws CliFailure TIMED_OUT
   */
  async waitFor<T>(
    types: string,
    look: (event: ApiEvent | null) => Promise<T | null>,
    what: string,
  ): Promise<T> {
    const waitMs = this.patienceMs ?? DEFAULT_TIMEOUT_MS;
    for await (const event of follow(this.client, types, AbortSignal.timeout(waitMs))) {
      const found = await look(event);
      if (found !== null) return found;
    }
    const why = `it did not happen within ${waitMs / 1000} s`;
    throw new CliFailure(
      EXIT.timeout,
      "TIMED_OUT",
      what,
      why,
      "it may still: look again, or wait longer with --timeout",
    );
  }
}
