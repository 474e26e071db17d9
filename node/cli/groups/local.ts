// `mabeam daemon`, `config …`, `key …`: what is done on this machine, without asking a daemon.
import { type Command, Option } from "commander";
import { configOption, homeOption, jsonOption, type Run, worksAlone } from "../leaf.js";
import { path } from "../parse.js";

const repeated = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export function daemonGroup(program: Command, run: Run): void {
  worksAlone(
    program
      .command("daemon")
      .description("run a peer in the foreground; Ctrl-C ends it in good order")
      .option("--join <multiaddr>", "a peer of the network to join; may be repeated", repeated)
      .option("--chain <hash>", "the network's genesis hash: what is fetched must match it")
      .option("--listen <multiaddr>", "where other peers dial this one; may be repeated", repeated)
      .option("--api <host:port>", "where the API listens; port 0 takes any free one")
      .option(
        "--allowed-hosts <name>",
        "a further name by which the API may be called; may be repeated",
        repeated,
      )
      .option("--insecure-api-public", "let the API listen beyond this machine, without TLS")
      .option("--in-memory", "keep nothing on disk but keys: a restart begins anew")
      .option("--insecure-plain-keys", "keep keys unencrypted; status then says so")
      .option("--passphrase-file <file>", "a file of one line, the passphrase of the keys", path)
      .option("--log-level <level>", "fatal, error, warn, info, debug, trace")
      .option("--max-connections <n>", "connections kept at once, seats of the quorum not counted")
      .addOption(homeOption())
      .addOption(configOption())
      .addOption(jsonOption()),
    run,
    async () => (await import("../commands/daemon.js")).daemon,
  );
}

export function configGroup(program: Command, run: Run): void {
  const load = async () => await import("../commands/config.js");
  const config = program.command("config").description("the settings and where they come from");
  const alone = (command: Command) =>
    command.addOption(homeOption()).addOption(configOption()).addOption(jsonOption());
  worksAlone(
    alone(
      config.command("show").description("every setting").option("--origin", "and where its value came from"),
    ),
    run,
    async () => (await load()).show,
  );
  worksAlone(
    alone(config.command("path").description("the files and folders in use")),
    run,
    async () => (await load()).path,
  );
  worksAlone(
    alone(config.command("validate").description("whether the configuration can be taken")),
    run,
    async () => (await load()).validate,
  );
}

export function keyGroup(program: Command, run: Run): void {
  const load = async () => await import("../commands/key.js");
  const key = program.command("key").description("the keys of the data folder");
  const alone = (command: Command) =>
    command.addOption(homeOption()).addOption(configOption()).addOption(jsonOption());
  const guarded = (command: Command) =>
    alone(command)
      .option("--passphrase-file <file>", "the passphrase (default: MABEAM_PASSPHRASE)", path)
      .option("--insecure-plain-keys", "keep the key unencrypted");
  worksAlone(
    alone(key.command("list").description("names and public keys")),
    run,
    async () => (await load()).list,
  );
  worksAlone(
    guarded(
      key
        .command("create")
        .description("make a key")
        .argument("<name>")
        .addOption(
          new Option("--kind <kind>", "what it is for")
            .choices(["agent", "consensus", "peer"])
            .default("agent"),
        ),
    ),
    run,
    async () => (await load()).create,
  );
  worksAlone(
    guarded(
      key
        .command("import")
        .description("store an exported key")
        .argument("<name>")
        .argument("<file>", "what `key export` printed"),
    ).option("--file-passphrase-file <file>", "the passphrase of the exported key (default: the same)", path),
    run,
    async () => (await load()).importFile,
  );
  worksAlone(
    guarded(
      key.command("export").description("print a key, protected, for another machine").argument("<name>"),
    ),
    run,
    async () => (await load()).exportToOut,
  );
}
