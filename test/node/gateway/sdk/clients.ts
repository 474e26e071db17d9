// The official clients, asked alike: unmodified, but for where they send their requests.
import { anthropic } from "./anthropic-client.js";
import type { Client } from "./client.js";
import { google } from "./google-client.js";
import { azureChat, chat, responses } from "./openai-clients.js";

export const CLIENTS: readonly Client[] = [chat, responses, azureChat, anthropic, google];
