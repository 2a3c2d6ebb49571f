import { expect, test } from "vitest";
import { KEEP_ALIVE } from "./src/application.ts";
import { web } from "./stack.ts";

test("the model says how long the program keeps idle connections, by which the check of the drain budget goes", () => {
  expect(web.release).toMatchObject({ kind: "blue-green", keepAlive: { ms: KEEP_ALIVE } });
});
