// The configuration of a process: every setting with its value, and where that came from.
import { join } from "node:path";
import type { z } from "zod";
import { Accident, codeOf, messageOf } from "../accident.js";
import { nearestName } from "../nearest.js";
import { readText } from "../text-file.js";
import { expandedPath, type HomePaths, pathsOf, usualPlaces } from "./paths.js";
import {
  ADDRESS_SETTINGS,
  flagOf,
  loadAddressRules,
  SETTING_NAMES,
  type SettingName,
  type Settings,
  settings,
  valueOfText,
  variableOf,
} from "./settings.js";

export type ConfigErrorCode = "CONFIG_INVALID" | "CONFIG_UNREADABLE";

export class ConfigError extends Accident<ConfigErrorCode> {
  override readonly name = "ConfigError";
}

/** Where a value came from, in the order of precedence. */
export type Origin =
  | { readonly kind: "flag"; readonly name: string }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "default" };

export interface Config {
  readonly settings: Settings & { readonly home: string };
  readonly origins: Readonly<Record<SettingName, Origin>>;
  readonly paths: HomePaths;
  /** the file that was looked for, and whether it was there */
  readonly file: { readonly path: string; readonly found: boolean };
  /** what looks like a mistake and is none that must stop the daemon */
  readonly warnings: readonly string[];
}

export interface ConfigSources {
  /** settings as flags gave them, by setting name; absent or undefined: not given. Text is read as in the environment. */
  readonly flags?: Readonly<Partial<Record<SettingName, unknown>>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** the file named by --config, which must exist */
  readonly configFile?: string;
}

/** Variables of ours that are no settings. */
const OTHER_VARIABLES = ["MABEAM_CONFIG", "MABEAM_PASSPHRASE"];

interface Layer {
  readonly values: Readonly<Record<string, unknown>>;
  originOf(name: SettingName): Origin;
}

/**
 * Reads the configuration: flag > `MABEAM_*` > `--config` file > usual config.toml > default (spec/api#C1). Whoever
 * names a home, by flag or `MABEAM_HOME`, has everything under it, `config.toml` too.
 * @throws ConfigError CONFIG_INVALID, with every unknown key and wrong value of one source; CONFIG_UNREADABLE
 */
export async function loadConfig(sources: ConfigSources = {}): Promise<Config> {
  const environment = sources.environment ?? process.env;
  const flags = await flagLayer(sources.flags ?? {});
  const { layer: variables, warnings } = await environmentLayer(environment);
  const home = flags.values.home ?? variables.values.home;
  const named = sources.configFile ?? (environment.MABEAM_CONFIG || undefined);
  const path =
    (named === undefined ? undefined : (expandedPath(named) ?? named)) ??
    (typeof home === "string" ? join(expandedPath(home) ?? home, "config.toml") : usualPlaces().configFile);
  const text = readConfigFile(path, named !== undefined);
  const layers = [flags, variables, await fileLayer(path, text)];

  const merged: Record<string, unknown> = {};
  const origins = {} as Record<SettingName, Origin>;
  for (const name of SETTING_NAMES) {
    const layer = layers.find((one) => one.values[name] !== undefined);
    if (layer !== undefined) merged[name] = layer.values[name];
    origins[name] = layer?.originOf(name) ?? { kind: "default" };
  }
  const values = settings.parse(merged);
  const paths = pathsOf(values.home ?? usualPlaces().home);
  return {
    settings: { ...values, home: paths.home },
    origins,
    paths,
    file: { path, found: text !== null },
    warnings,
  };
}

/** An origin as `config show --origin` prints it. */
export function originText(origin: Origin): string {
  switch (origin.kind) {
    case "flag":
    case "environment":
      return `${origin.kind} ${origin.name}`;
    case "file":
      return `file ${origin.path}`;
    case "default":
      return "default";
  }
}

async function flagLayer(flags: Readonly<Record<string, unknown>>): Promise<Layer> {
  const values: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const given = flags[name];
    if (given !== undefined) values[name] = typeof given === "string" ? valueOfText(name, given) : given;
  }
  await mustHold("the command line", values, flagOf);
  return { values, originOf: (name) => ({ kind: "flag", name: flagOf(name) }) };
}

async function environmentLayer(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ layer: Layer; warnings: string[] }> {
  const values: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const text = environment[variableOf(name)];
    if (text !== undefined && text !== "") values[name] = valueOfText(name, text);
  }
  await mustHold("the environment", values, variableOf);
  const layer: Layer = { values, originOf: (name) => ({ kind: "environment", name: variableOf(name) }) };
  return { layer, warnings: strangeVariables(environment) };
}

/**
 * Unknown `MABEAM_*` variables: an error where one is all but the name of a setting, else a warning, since container
 * platforms put variables like MABEAM_SERVICE_HOST there on their own.
 */
function strangeVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = [...SETTING_NAMES.map(variableOf), ...OTHER_VARIABLES];
  const strange = Object.keys(environment).filter(
    (name) => name.startsWith("MABEAM_") && !known.includes(name),
  );
  const bare = (name: string) => name.slice("MABEAM_".length);
  const mistyped: string[] = [];
  const warnings: string[] = [];
  for (const name of strange.sort()) {
    const meant = nearestName(bare(name), known.map(bare));
    if (meant === null) warnings.push(`the variable ${name} means nothing to mabeam`);
    else mistyped.push(`${name} is unknown; did you mean MABEAM_${meant}?`);
  }
  if (mistyped.length > 0) throw invalid("the environment", mistyped);
  return warnings;
}

async function fileLayer(path: string, text: string | null): Promise<Layer> {
  let values: Record<string, unknown> = {};
  try {
    if (text !== null) values = (await import("smol-toml")).parse(text);
  } catch (error) {
    throw new ConfigError(
      "CONFIG_UNREADABLE",
      `could not read ${path}`,
      messageOf(error),
      `mend ${path}`,
      error,
    );
  }
  await mustHold(path, values, (name) => name);
  return { values, originOf: () => ({ kind: "file", path }) };
}

function readConfigFile(path: string, required: boolean): string | null {
  try {
    return readText(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT" && !required) return null;
    const fix = `name a file that can be read with --config, or leave it out`;
    throw new ConfigError(
      "CONFIG_UNREADABLE",
      `could not read ${path}`,
      error instanceof Accident ? error.why : messageOf(error),
      fix,
      error,
    );
  }
}

/** @throws ConfigError with everything that is wrong with the values of one source */
async function mustHold(
  source: string,
  values: Readonly<Record<string, unknown>>,
  nameOf: (name: SettingName) => string,
): Promise<void> {
  if (ADDRESS_SETTINGS.some((name) => values[name] !== undefined)) await loadAddressRules();
  const judged = settings.safeParse(values);
  if (judged.success) return;
  throw invalid(
    source,
    judged.error.issues.flatMap((issue) => problemsOf(issue, nameOf)),
  );
}

function problemsOf(issue: z.core.$ZodIssue, nameOf: (name: SettingName) => string): string[] {
  if (issue.code === "unrecognized_keys" && issue.path.length === 0) {
    return issue.keys.map((key) => {
      const meant = nearestName(key, SETTING_NAMES);
      return meant === null ? `${key} is unknown` : `${key} is unknown; did you mean ${meant}?`;
    });
  }
  return [`${nameOf(issue.path[0] as SettingName)}: ${issue.message}`];
}

const invalid = (source: string, problems: readonly string[]): ConfigError =>
  new ConfigError(
    "CONFIG_INVALID",
    `could not take the configuration from ${source}`,
    problems.join("; "),
    `correct it; the settings are ${SETTING_NAMES.join(", ")}`,
  );
