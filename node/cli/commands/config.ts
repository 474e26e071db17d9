// `config show`, `config path`, `config validate`.
import { type Config, loadConfig, originText } from "../../config/config.js";
import { SETTING_NAMES } from "../../config/settings.js";
import { labelled, painter, table } from "../show.js";
import type { Terminal } from "../terminal.js";

export interface ConfigFlags {
  readonly home?: string;
  readonly config?: string;
  readonly json?: true;
}

/** The configuration that these flags and the environment give. @throws ConfigError */
export const configOf = (terminal: Terminal, flags: ConfigFlags): Promise<Config> =>
  loadConfig({
    environment: terminal.env,
    ...(flags.home === undefined ? {} : { flags: { home: flags.home } }),
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
  });

export async function show(
  terminal: Terminal,
  flags: ConfigFlags & { readonly origin?: true },
): Promise<void> {
  const config = await configOf(terminal, flags);
  warn(terminal, config);
  const { settings } = config;
  const origins = Object.fromEntries(SETTING_NAMES.map((name) => [name, originText(config.origins[name])]));
  if (flags.json === true) {
    const document = { apiVersion: "v1", kind: "Config", settings };
    return terminal.out(JSON.stringify(flags.origin === true ? { ...document, origins } : document));
  }
  const rows = SETTING_NAMES.map((name) => [name, valueText(settings[name]), origins[name]!]);
  if (flags.origin === true) return table(terminal, ["SETTING", "VALUE", "ORIGIN"], rows, "");
  table(
    terminal,
    ["SETTING", "VALUE"],
    rows.map((row) => row.slice(0, 2)),
    "",
  );
}

const valueText = (value: unknown): string => {
  if (value === undefined) return "–";
  return Array.isArray(value) ? value.join(", ") || "–" : String(value);
};

export async function path(terminal: Terminal, flags: ConfigFlags): Promise<void> {
  const { file, paths } = await configOf(terminal, flags);
  if (flags.json === true)
    return terminal.out(JSON.stringify({ apiVersion: "v1", kind: "Paths", configFile: file.path, ...paths }));
  labelled(terminal, [
    ["Configuration", file.path + (file.found ? "" : " (not there)")],
    ["Data folder", paths.home],
    ["Keys", paths.keys],
    ["Store", paths.store],
    ["API", paths.apiFile],
    ["Token", paths.tokenFile],
    ["Log", paths.logFile],
  ]);
}

export async function validate(terminal: Terminal, flags: ConfigFlags): Promise<void> {
  const config = await configOf(terminal, flags);
  warn(terminal, config);
  const { path: configFile, found } = config.file;
  if (flags.json === true)
    return terminal.out(
      JSON.stringify({ apiVersion: "v1", kind: "ConfigCheck", ok: true, configFile, found }),
    );
  terminal.out(found ? `${configFile} can be taken` : `There is no ${configFile}: the defaults hold`);
}

function warn(terminal: Terminal, config: Config): void {
  for (const warning of config.warnings) terminal.err(painter(terminal).yellow(`warning: ${warning}`));
}
