import { expect, test } from "vitest";
import { generated, lockedImages, openBaoSecrets, provided, resolveEnvironment, sealedSecrets, service, type SecretValues } from "../index.ts";
import { basis, place } from "../testing/platform.fixture.ts";
import { emitFiles } from "./files.ts";
import { variablesExample } from "./variables.ts";

const web = service("web", { ...basis, secrets: { KEY: generated({ bytes: 32, maxAgeDays: 90 }), TOKEN: provided("token of a friend", { minLength: 20 }) } });

test("the example names every variable that the Compose files read, with what holds without it, and skips what is escaped", () => {
  const text = variablesExample(resolveEnvironment(place({ services: [web] })), ["image: ${JLAM_IMAGE_X:-x:1}\nfile: ${JLAM_SECRETS:-../.secrets}/web/KEY\ncommand: echo $${HOME}\n"]);
  expect(text.split("\n").filter((line) => /^#[A-Z]/.test(line))).toEqual(["#JLAM_IMAGE_X=x:1", "#JLAM_SECRETS=../.secrets"]);
});

test("the example lists each secret file with its kind and age, and no value", () => {
  const text = emitFiles(resolveEnvironment(place({ services: [web] }))).get(".env.example");
  expect(text).toContain("#   web/KEY: web.KEY, 32 random bytes, at most 90 days old\n#   web/TOKEN: web.TOKEN, token of a friend; at least 20 characters, at most 365 days old");
});

const released = (secrets: SecretValues) => place({ services: [web], images: lockedImages({ registry: "registry.example.org/jlam", lock: {} }), secrets });
const workflowNames = (secrets: SecretValues): string => emitFiles(resolveEnvironment(released(secrets))).get("ci-secrets.json") ?? "";

test("a workflow needs what opens the environment's secrets, from where its declaration keeps them", () => {
  expect(workflowNames(sealedSecrets({ secrets: {} }))).toContain('"JLAM_AGE_IDENTITY"');
  expect(workflowNames(openBaoSecrets({ address: "https://bao.example.org" }))).not.toContain('"JLAM_AGE_IDENTITY"');
  expect(workflowNames(openBaoSecrets({ address: "https://bao.example.org" }))).toContain('"JLAM_OPENBAO_TOKEN"');
});

test("an environment that no workflow deploys needs nothing of one", () => {
  expect(emitFiles(resolveEnvironment(place({ services: [web] }))).has("ci-secrets.json")).toBe(false);
});
