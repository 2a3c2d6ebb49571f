/**
 * The way to a certificate, walked for real: the emitted Traefik asks Pebble by DNS-01, stores what it gets, serves it,
 * and renews it. The steps follow on one another as in an environment's life.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { checkEnvironment } from "@jlam/compose-dsl";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../stack/until.ts";
import { acmeTest, domain } from "./environment.ts";
import { pebbleImage } from "./pebble-image.ts";
import { bootPlatform, removePlatform, type AcmePlatform } from "./platform.ts";
import { servedCertificate, visit } from "./visitor.ts";

const www = `www.${domain}`;

/** Two looks of Traefik, a minute apart, and the time of an order. */
const renewalLimit = 150_000;

const pebble = await pebbleImage();
if (!pebble.had && process.env["JLAM_REQUIRE_ALL"] === "1") throw new Error(pebble.reason);
const suite = pebble.had ? "certificates by ACME" : `certificates by ACME (skipped: ${pebble.reason})`;

describe.skipIf(!pebble.had)(suite, () => {
  let platform: AcmePlatform;

  const serialOf = async (host: string): Promise<string> => (await servedCertificate(host, platform.authority.root)).serialNumber;

  beforeAll(async () => {
    if (pebble.had) platform = await bootPlatform(pebble.image);
  });
  afterAll(removePlatform);

  it("are asked for by an environment that the checks pass", () => {
    expect(checkEnvironment(acmeTest).filter(({ severity }) => severity === "error")).toEqual([]);
  });

  describe("while the DNS doesn't answer the challenge", () => {
    it("are not issued, and Traefik's log says why", async () => {
      const { answer: log } = await until(() => platform.traefikLog(), (text) => text.includes("Unable to obtain ACME certificate"), 100_000);
      expect(log).toContain(`_acme-challenge.${domain}`);
      expect(log).toContain("SERVFAIL");
      expect(await platform.authority.issued()).toBe(0);
    });

    it("are replaced by nothing: the handshake is refused", async () => {
      await expect(serialOf(domain)).rejects.toThrow(/unrecognized name/);
    });
  });

  describe("once it answers", () => {
    beforeAll(async () => {
      await platform.authority.answerChallenge(true);
      await platform.restartTraefik();
      await until(() => serialOf(domain), () => true, 60_000);
    });

    it("name the domain and everything directly below it, in one", async () => {
      const { subjectAltName } = await servedCertificate(domain, platform.authority.root);
      expect(subjectAltName?.split(", ").sort()).toEqual([`DNS:*.${domain}`, `DNS:${domain}`]);
      expect(await platform.authority.issued()).toBe(1);
    });

    it("are served on the domain and below it, their chain leading to the authority's root", async () => {
      expect(await visit(domain, platform.authority.root)).toEqual({ status: 200, text: "served" });
      expect(await visit(www, platform.authority.root)).toEqual({ status: 200, text: "served" });
      expect(await serialOf(www)).toBe(await serialOf(domain));
    });

    it("are refused to a host that they don't cover", async () => {
      await expect(serialOf(`deeper.www.${domain}`)).rejects.toThrow(/unrecognized name/);
    });

    it("are kept in the volume, for Traefik's user alone", async () => {
      expect(await platform.storedCertificates()).toEqual({ mode: "600", user: 65532 });
    });

    it("outlive Traefik's container, without another order", async () => {
      const before = await serialOf(domain);
      await platform.recreateTraefik();
      const { answer: after } = await until(() => serialOf(domain), () => true, 30_000);
      expect(after).toBe(before);
      expect(await platform.authority.issued()).toBe(1);
    });

    it("are renewed before they end, while every request is answered", { timeout: renewalLimit + 30_000 }, async () => {
      const before = await serialOf(domain);
      const { root } = platform.authority;
      const answers: string[] = [];
      const renewed = async () => {
        answers.push(await visit(www, root).then(({ status }) => String(status), String));
        return await serialOf(domain);
      };
      const { answer: after } = await until(renewed, (serial) => serial !== before, renewalLimit);
      // As many again afterwards: what changes may also break once it has changed.
      for (let count = 0; count < 20; count += 1) {
        answers.push(await visit(www, root).then(({ status }) => String(status), String));
        await sleep(50);
      }
      expect([...new Set(answers)]).toEqual(["200"]);
      expect(answers.length).toBeGreaterThan(100);
      expect((await servedCertificate(www, root)).serialNumber).toBe(after);
      expect(await platform.authority.issued()).toBe(2);
    });
  });
});
