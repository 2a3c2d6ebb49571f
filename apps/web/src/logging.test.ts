import { expect, test } from "vitest";

import { buildApplication } from "./application.ts";
import { createLogger } from "./logging.ts";
import { TEST_ORIGIN, testParts } from "./testing/application.ts";

const BSN = "999990019";
const MAIL = "jan.jansen@example.nl";
const NAME = "Hendrikus";

const capture = () => {
  const lines: string[] = [];
  const logger = createLogger({ level: "trace", service: "web", environment: "test" }, { write: (line) => void lines.push(line) });
  return { logger, lines };
};

test("no log line holds what a person put into path, query, headers, cookies or body, whether it goes well or wrong", async () => {
  const { parts, lines } = await testParts();
  const application = await buildApplication(parts);
  application.get("/mislukt/:wie", (request) => {
    throw new Error(`invalid input syntax for type integer: "${JSON.stringify(request.params)}"`);
  });
  const personal = `${BSN}-${MAIL}-${NAME}`;
  const headers = { origin: TEST_ORIGIN, "user-agent": personal, "x-request-id": personal, "x-forwarded-for": personal, cookie: `__Host-session=${personal}` };
  for (const url of [`/?q=${personal}`, `/${personal}?${personal}`, `/mislukt/${personal}`, `/assets/${personal}`, `/%zz${personal}`]) {
    await application.inject({ url, headers });
  }
  const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
  await application.inject({ method: "POST", url: "/weergave", headers: form, payload: `textSize=${personal}` });
  await application.inject({ method: "POST", url: "/weergave", headers: { ...headers, "content-type": "application/json" }, payload: `{"${personal}` });
  await application.inject({ method: "POST", url: "/weergave", headers: { ...headers, "content-type": personal }, payload: personal });

  const log = lines.join("");
  expect(lines.length).toBeGreaterThan(8);
  expect(log).toContain('"route":"/mislukt/:wie","status":500');
  for (const secret of [BSN, MAIL, encodeURIComponent(MAIL), NAME]) expect(log).not.toContain(secret);
});

test("every line of a request has the fields that searching rests on", async () => {
  const { parts, lines } = await testParts();
  const application = await buildApplication(parts);
  await application.inject({ url: "/" });
  const line: unknown = JSON.parse(lines.at(-1) ?? "");
  expect(line).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    service: "web",
    environment: "test",
    request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    method: "GET",
    route: "/",
    status: 200,
    duration_ms: expect.any(Number),
    msg: "request",
  });
});

test("an error is logged by kind, code and place, without its message", () => {
  const { logger, lines } = capture();
  logger.error({ err: Object.assign(new RangeError(`bsn ${BSN}`), { code: "22P02" }) }, "it failed");
  const line: unknown = JSON.parse(lines[0] ?? "");
  expect(line).toMatchObject({ msg: "it failed", err: { type: "RangeError", code: "22P02", stack: expect.stringContaining("logging.test.ts") } });
  expect(lines[0]).not.toContain(BSN);
});

test("an error that is logged without a text doesn't lend its message to the line", () => {
  const { logger, lines } = capture();
  logger.error(new Error(`bsn ${BSN}`));
  logger.error({ err: new Error(`bsn ${BSN}`) });
  expect(lines).toHaveLength(2);
  expect(lines.join("")).not.toContain(BSN);
});

test("requests and replies that a library logs are dropped", () => {
  const { logger, lines } = capture();
  logger.info({ req: { url: `/${BSN}` }, res: { headers: MAIL } }, "request");
  expect(lines[0]).not.toMatch(`${BSN}|${MAIL}`);
});
