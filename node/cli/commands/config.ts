// `config show`, `config path`, `config validate`.
import { type Config, loadConfig, originText } from "../../config/config.js";
import { SETTING_NAMES } from "../../config/settings.js";
import { labelled, painter, print, table } from "../show.js";
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
  const document = { apiVersion: "v1", kind: "Config", settings };
  const rows = SETTING_NAMES.map((name) => [name, valueText(settings[name]), origins[name]!]);
  const withOrigin = flags.origin === true;
  print(terminal, flags.json === true, withOrigin ? { ...document, origins } : document, () => {
    const shown = withOrigin ? rows : rows.map((row) => row.slice(0, 2));
    table(terminal, ["SETTING", "VALUE", ...(withOrigin ? ["ORIGIN"] : [])], shown, "No settings.");
  });
}

const valueText = (value: unknown): string => {
  if (value === undefined) return "–";
  return Array.isArray(value) ? value.join(", ") || "–" : String(value);
};

export async function path(terminal: Terminal, flags: ConfigFlags): Promise<void> {
  const { file, paths } = await configOf(terminal, flags);
  const document = { apiVersion: "v1", kind: "Paths", configFile: file.path, ...paths };
  print(terminal, flags.json === true, document, () =>
    labelled(terminal, [
      ["Configuration", file.path + (file.found ? "" : " (not there)")],
      ["Data folder", paths.home],
      ["Keys", paths.keys],
      ["Store", paths.store],
      ["API", paths.apiFile],
      ["Token", paths.tokenFile],
      ["Log", paths.logFile],
    ]),
  );
}

export async function validate(terminal: Terminal, flags: ConfigFlags): Promise<void> {
  const config = await configOf(terminal, flags);
  warn(terminal, config);
  const { path: configFile, found } = config.file;
  const document = { apiVersion: "v1", kind: "ConfigCheck", ok: true, configFile, found };
  print(terminal, flags.json === true, document, () =>
    terminal.out(found ? `${configFile} can be taken` : `There is no ${configFile}: the defaults hold`),
  );
}

function warn(terminal: Terminal, config: Config): void {
  for (const warning of config.warnings) terminal.err(painter(terminal).yellow(`warning: ${warning}`));
}
