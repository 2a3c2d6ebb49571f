import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kitPage, readKit, type Kit } from "./kit.ts";

const kit: Kit = {
  environment: "production",
  store: { url: "https://s3.nl-ams.scw.cloud", bucket: "sets", region: "nl-ams", accessKey: "reader", secretKey: "read: #only" },
  images: "/srv/images.tar",
  engine: "jlam/backup:0123456789ab",
  signedBy: "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n",
  escrowKey: "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlFgEZ\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----\n",
};

async function read(text: string): Promise<Kit> {
  const directory = await mkdtemp(join(tmpdir(), "jlam-kit-"));
  try {
    await writeFile(join(directory, "kit.yaml"), text);
    return await readKit(join(directory, "kit.yaml"));
  } finally {
    await rm(directory, { recursive: true });
  }
}

test("a printed kit is read back as it was", async () => {
  expect(await read(kitPage(kit))).toEqual(kit);
});

test("a kit with a second region and an age identity is read back too, and no other key passes for the identity", async () => {
  const whole: Kit = { ...kit, copy: { ...kit.store, url: "https://s3.fr-par.scw.cloud", region: "fr-par" }, ageIdentity: "AGE-SECRET-KEY-1QQQ" };
  expect(await read(kitPage(whole))).toEqual(whole);
  await expect(read(kitPage({ ...whole, ageIdentity: "age1qqq" }))).rejects.toThrow("This is no escrow kit.");
});

test("its keys stand on the page line by line, as a person would type them", () => {
  expect(kitPage(kit)).toContain("  -----BEGIN PGP PRIVATE KEY BLOCK-----\n");
});

test("a page that lacks something is refused with its name", async () => {
  await expect(read(kitPage({ ...kit, escrowKey: kit.signedBy }))).rejects.toThrow("This is no escrow kit.");
  await expect(read("environment: production\n").catch((error: unknown) => Promise.reject(new Error((error as { why?: string }).why)))).rejects.toThrow(/store[\s\S]*escrowKey/);
});
