/** The files of a new service: a stack with a database, a secret and a route, and the program that it runs. */
import type { DataClass } from "@jlam/compose-dsl";
import type { Names } from "./names.ts";

/** A file to write, by its path from the repository's root. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

export interface NewService extends Names {
  /** Who is asked when it breaks. */
  readonly owner: string;
  /** Subdomain that leads to it. */
  readonly host: string;
  /** What its database keeps. */
  readonly holds: DataClass;
}

/** Everything below apps/<name>. The stack is one file of fewer than 40 lines; nothing else has to be written. */
export function serviceFiles(service: NewService): readonly NewFile[] {
  const at = (path: string, text: string): NewFile => ({ path: `apps/${service.name}/${path}`, text });
  return [
    at("stack.ts", serviceStack(service)),
    at("package.json", packageJson(service.name, ["compose-dsl", "platform"])),
    at("Dockerfile", dockerfile(service.name)),
    at("Dockerfile.dockerignore", `**\n!apps/${service.name}/src\n**/*.test.ts\n`),
    at("src/server.ts", server(service.name)),
    at("src/probe.ts", probe),
  ];
}

/** Everything below apps/<name> of a stack that has no service yet. */
export function stackFiles({ name }: Names): readonly NewFile[] {
  return [
    { path: `apps/${name}/stack.ts`, text: `import { stack } from "@jlam/compose-dsl";\n\nexport default stack("${name}", { services: [] });\n` },
    { path: `apps/${name}/package.json`, text: packageJson(name, ["compose-dsl"]) },
  ];
}

/** A database's name has no hyphen, and the host name that it gives its container no underscore. */
const databaseName = (name: string): string => name.replaceAll("-", "");

const serviceStack = ({ name, identifier, owner, host, holds }: NewService): string =>
  `import { backedUp, build, file, forwardAuth, generated, http, port, postgres, route, service, stack, to } from "@jlam/compose-dsl";
import { node } from "@jlam/platform";

export const database = postgres("${databaseName(name)}", {
  owner: "${owner}",
  holds: "${holds}",
  backup: backedUp({ loseAtMost: "24h", recoverWithin: "1h" }),
});

const health = "/health";

export const ${identifier} = service("${name}", {
  owner: "${owner}",
  holds: "${holds}",
  image: build("${name}", { folder: "apps/${name}", base: node, probe: ["node", "/app/probe.ts"] }),
  ports: { http: 3000 },
  health: http("http", health),
  connects: { database: to(database, { because: "what ${name} knows is kept there" }) },
  secrets: { SIGNING_KEY: generated({ bytes: 32 }) },
  settings: { HTTP_PORT: port("http"), HEALTH_PATH: health, SIGNING_KEY_FILE: file("SIGNING_KEY") },
  signIn: forwardAuth({ groups: ["administrators"] }),
  resources: { memory: "128M", cpus: 0.25 },
});

export default stack("${name}", {
  services: [${identifier}],
  routes: [route(${identifier}.ports.http, { host: "${host}" })],
});
`;

const packageJson = (name: string, libraries: readonly string[]): string =>
  `${JSON.stringify(
    {
      name: `@jlam/${name}`,
      version: "0.0.0",
      private: true,
      type: "module",
      exports: { "./stack": "./stack.ts" },
      dependencies: Object.fromEntries(libraries.map((library) => [`@jlam/${library}`, "*"])),
    },
    undefined,
    2,
  )}\n`;

const dockerfile = (name: string): string => `# Build it from the root of the repository: docker build -f apps/${name}/Dockerfile .
ARG NODE_IMAGE=node:24-trixie-slim
FROM \${NODE_IMAGE}
WORKDIR /app
COPY apps/${name}/src/ ./
USER 1000:1000
ENTRYPOINT []
CMD ["node", "/app/server.ts"]
`;

const server = (name: string): string => `/** The program of ${name}. Its settings and connections are declared in ../stack.ts. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(\`\${name} is not set; stack.ts declares it\`);
  return value;
}

const healthPath = setting("HEALTH_PATH");
const database = \`\${setting("DATABASE_HOST")}:\${setting("DATABASE_PORT")}/\${setting("DATABASE_NAME")}\`;
const signingKey = readFileSync(setting("SIGNING_KEY_FILE"));

const server = createServer((request, response) => {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  if (request.url === healthPath) response.end("ok\\n");
  else response.end(\`${name} runs, with its database at \${database} and a key of \${signingKey.length} bytes.\\n\`);
});

server.listen(Number(setting("HTTP_PORT")));
process.on("SIGTERM", () => server.close());
`;

const probe = `/** The container's health check: \`node probe.ts URL\` exits 0 when URL answers with a 2xx status within two seconds. */
const [address] = process.argv.slice(2);
if (address === undefined) throw new Error("Usage: node probe.ts URL");

const response = await fetch(address, { signal: AbortSignal.timeout(2_000) });
process.exitCode = response.ok ? 0 : 1;
`;
