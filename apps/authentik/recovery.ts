/** What Authentik's database tells of itself to whoever asks for a copy of it without people. */
import { database } from "./stack.ts";

export const recovery = {
  database,
  because:
    "Passwords, sessions, tokens and keys lie in some 200 tables of another project's schema, which changes with each of its releases: rules for them would be right until the next one. An environment keeps its own accounts, and nobody of a copy of members is to sign in.",
} as const;
