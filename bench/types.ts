/**
 * What the types cost: the compiler on one environment of many services, each with ports, health, edges and a secret.
 *
 *     node bench/types.ts [size…]     50 500 2000 without
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { milliseconds, printMachine, printTable } from "./table.ts";
import { measureInTurn, median } from "./whole-process.ts";

const root = resolve(import.meta.dirname, "..");
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [50, 500, 2_000];

function program(size: number): string {
  const names = Array.from({ length: size }, (_, index) => `service${index}`);
  return [
    'import { backedUp, environment, exec, file, generated, image, localAuthority, outsideProvider, originOf, postgres, replaceableImages, scrape, service, stack, to } from "@jlam/compose-dsl";',
    'const database = postgres("middle", { owner: "bench", holds: "no-personal-data", backup: backedUp({ loseAtMost: "24h", recoverWithin: "1h" }) });',
    ...names.map(
      (name, index) =>
        `const ${name} = service("service-${index}", { owner: "bench", image: image("program", "example/program:1"), ports: { http: 3000, metrics: 9464 }, health: exec(["true"]), connects: { database: to(database, { because: "keeps data" })${index > 0 ? `, previous: to(${names[index - 1]}.ports.http, { because: "asks it" })` : ""} }, secrets: { KEY: generated({ bytes: 32 }) }, settings: { KEY_FILE: file("KEY") }, metrics: scrape("metrics", "/metrics"), resources: { memory: "64M", cpus: 0.1 } });`,
    ),
    `const all = stack("all", { services: [${names.join(", ")}] });`,
    'function outside() { return outsideProvider(database, { host: "db", port: 5432, tls: { kind: "off" }, passwords: "ours" }, originOf(outside)); }',
    'export default environment("bench", { domain: "bench.localhost", host: { memory: "1T", cpus: 8 }, range: "10.0.0.0/8", publishing: { address: "127.0.0.1", http: 80, https: 443 }, stacks: [all], provides: [outside()], certificates: localAuthority(), images: replaceableImages });',
  ].join("\n");
}

printMachine();
const rows: string[][] = [];
for (const size of sizes) {
  const folder = mkdtempSync(join(root, "bench", ".types-"));
  try {
    writeFileSync(join(folder, "program.ts"), program(size));
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: "../../tsconfig.base.json", include: ["program.ts"] }));
    const [measured] = await measureInTurn([{ name: `${size}`, command: [join(root, "node_modules/.bin/tsc"), "--noEmit", "--project", folder] }], 3);
    rows.push([String(size), milliseconds(measured ? median(measured.wallMs) : Number.NaN)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
printTable(["services", "type check, median of 3"], rows);
