/** The real Authentik, booted from the files that the platform emits for it, asked through Traefik over TLS. */
import { checkEnvironment } from "@jlam/compose-dsl";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "../stack/until.ts";
import { describeClients } from "./clients.suite.ts";
import { authentikTest } from "./environment.ts";
import { describeErasure } from "./erasure.suite.ts";
import { administrator } from "./people.ts";
import { bootPlatform, missingImage, removePlatform } from "./platform.ts";
import { describePreparation } from "./preparation.suite.ts";
import type { Running } from "./running.ts";
import { describeSelfService } from "./self-service.suite.ts";
import { describeSignIn } from "./sign-in.suite.ts";
import { describeWall } from "./wall.suite.ts";

const missing = await missingImage();
if (missing !== undefined && process.env["JLAM_REQUIRE_ALL"] === "1") throw new Error(missing);
const name = "the real Authentik";

describe.skipIf(missing !== undefined)(missing === undefined ? name : `${name} (skipped: ${missing})`, () => {
  let running: Running | undefined;
  const given = (): Running => {
    if (running === undefined) throw new Error("the environment was not booted");
    return running;
  };

  beforeAll(async () => {
    const platform = await bootPlatform();
    const password = platform.secret("authentik-blueprints", "ADMINISTRATOR_PASSWORD");
    // Traefik learns of a container that has just become healthy a moment later.
    const { answer } = await until(() => administrator(platform.authority, password), () => true, 60_000);
    running = { platform, administrator: answer };
  }, 1_200_000);
  beforeEach(async () => await given().administrator.forgetFailures());
  afterAll(removePlatform);

  it("is in an environment that the checks pass", () => {
    expect(checkEnvironment(authentikTest).filter(({ severity }) => severity === "error")).toEqual([]);
  });

  describePreparation(given);
  describeSignIn(given);
  describeWall(given);
  describeClients(given);
  describeSelfService(given);
  describeErasure(given);
});
