/**
 * A program as Authentik is: at its start it brings its data to its own release for good, and what a later release made of
 * it, it can't read.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Client } from "pg";

const env = (name: string): string => process.env[name] ?? "";
const own = readFileSync("/app/version", "utf8").trim();

const database = new Client({
  host: env("DATABASE_HOST"),
  port: Number(env("DATABASE_PORT")),
  database: env("DATABASE_NAME"),
  user: env("DATABASE_USER"),
  password: readFileSync(env("DATABASE_PASSWORD_FILE"), "utf8"),
});
await database.connect();
await database.query("CREATE TABLE IF NOT EXISTS keeper (single boolean PRIMARY KEY CHECK (single), release text NOT NULL)");
const { rows } = await database.query<{ release: string }>("SELECT release FROM keeper");
const at = rows[0]?.release;
if (at !== undefined && at > own) throw new Error(`the data is at ${at}, which ${own} can't read`);
await database.query("INSERT INTO keeper VALUES (true, $1) ON CONFLICT (single) DO UPDATE SET release = excluded.release", [own]);
await database.end();

const server = createServer((_, response) => void response.writeHead(200).end(own)).listen(Number(env("HTTP_PORT")), "0.0.0.0");
process.on("SIGTERM", () => server.close(() => process.exit(0)));
