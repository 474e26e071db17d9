// The official clients as modules: those that a user of this project's Node installs, or others.
import InstalledAnthropic from "@anthropic-ai/sdk";
import { GoogleGenAI as InstalledGoogle } from "@google/genai";
import InstalledOpenAI, { AzureOpenAI as InstalledAzure } from "openai";

const INSTALLED = {
  Anthropic: InstalledAnthropic,
  AzureOpenAI: InstalledAzure,
  GoogleGenAI: InstalledGoogle,
  OpenAI: InstalledOpenAI,
};
/** A module of other ones, which `npm run test:clients` names. */
const { CLIENTS: others } = process.env;
export const areNewest = others !== undefined;
export const { Anthropic, AzureOpenAI, GoogleGenAI, OpenAI } =
  others === undefined ? INSTALLED : ((await import(others)) as typeof INSTALLED);
