/** The container's health check: `node probe.js URL` exits 0 when URL answers with a 2xx status within two seconds. */
import { get } from "node:http";

/** Milliseconds; below two seconds together with Node's own start. */
const LIMIT = 1_800;

function fail(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

const [address] = process.argv.slice(2);
if (address === undefined || URL.parse(address)?.protocol !== "http:") {
  fail("Usage: node probe.js URL, where URL begins with http://, such as http://127.0.0.1:3000/health");
}

setTimeout(() => fail(`${address} did not answer within ${LIMIT} ms`), LIMIT);
get(address, { agent: false }, (response) => {
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) fail(`${address} answered with status ${status}`);
  process.exit(0);
}).on("error", (error) => fail(`${address} can't be reached: ${error.message}`));
