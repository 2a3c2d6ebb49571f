/** The application of the upgraded database: says which server answers it, and what all its rows come to. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Pool } from "pg";

const env = (name: string): string => process.env[name] ?? "";

/** Longest that a visitor waits for the database, in milliseconds: one that is away is said to be away. */
const patience = 2000;

const pool = new Pool({
  host: env("DATABASE_HOST"),
  port: Number(env("DATABASE_PORT")),
  database: env("DATABASE_NAME"),
  user: env("DATABASE_USER"),
  password: readFileSync(env("DATABASE_PASSWORD_FILE"), "utf8"),
  max: 4,
  connectionTimeoutMillis: patience,
  query_timeout: patience,
});
// A connection that breaks while nobody uses it is replaced when somebody asks.
pool.on("error", () => undefined);

/** `17.9 3 5d41…`: version of the server, number of rows, hash of all of them. */
async function told(): Promise<string> {
  const { rows } = await pool.query<{ version: string; count: string; hash: string | null }>(
    "SELECT split_part(current_setting('server_version'), ' ', 1) AS version, count(*) AS count, md5(string_agg(number || ' ' || words, ',' ORDER BY number)) AS hash FROM notes",
  );
  const [row] = rows;
  return `${row?.version} ${row?.count} ${row?.hash}`;
}

const server = createServer({ keepAliveTimeout: 100_000, headersTimeout: 105_000 }, (request, response) => {
  if (request.url !== "/notes") return void response.writeHead(200).end();
  told().then(
    (words) => response.writeHead(200, { "content-type": "text/plain" }).end(words),
    () => response.writeHead(503).end("the database does not answer"),
  );
});
server.listen(Number(env("HTTP_PORT")), "0.0.0.0");

process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(1), 8000).unref();
});
