// The dialects by name, and the path at which each one's clients begin.
import type { Dialect } from "../dialect.js";
import { anthropic } from "./anthropic.js";
import { google } from "./google.js";
import { azure, openai } from "./openai.js";

export const DIALECTS = {
  openai: { dialect: openai, base: "/v1" },
  azure: { dialect: azure, base: "/openai/v1" },
  anthropic: { dialect: anthropic, base: "" },
  google: { dialect: google, base: "" },
} as const satisfies Readonly<Record<string, { readonly dialect: Dialect; readonly base: string }>>;

export type DialectName = keyof typeof DIALECTS;

export const isDialectName = (name: string): name is DialectName => Object.hasOwn(DIALECTS, name);
