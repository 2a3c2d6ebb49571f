/** Names and labels, by which people, tests and the other tools find what belongs to the platform. */
import { describe, expect, inject, test } from "vitest";
import { engine } from "../../tools/jlam/src/runtime/containers.ts";
import { leftovers } from "../../tools/jlam/src/test/leftovers.ts";
import { ci, inspect, serviceNamed, startedServices } from "./stack/environment.ts";

test("the project is named after the environment", () => {
  expect(inject("project").name).toBe("jlam-ci");
});

test("it was up within two minutes", ({ annotate }) => {
  expect(inject("bootTime")).toBeLessThan(120_000);
  return annotate(`booted in ${(inject("bootTime") / 1000).toFixed(1)} s`);
});

describe.each(startedServices().map(({ name }) => name))("the container of %s", (service) => {
  test("says which service it is, who owns it, and what it holds", async () => {
    const { Config, Name } = await inspect(service);
    const { node } = serviceNamed(service);
    expect(Name).toMatch(new RegExp(`jlam-ci-${service}-1$`));
    expect(Config.Labels).toMatchObject({
      "com.docker.compose.project": "jlam-ci",
      "nl.jlam.service": service,
      "nl.jlam.environment": "ci",
      "nl.jlam.owner": node.owner,
      "nl.jlam.holds": node.holds,
      ...(node.kind === "job" && { "nl.jlam.one-shot": "true" }),
    });
  });
});

test("every network of the project says why it is there", async () => {
  const networks = await engine.listNetworks({ filters: { label: ["com.docker.compose.project=jlam-ci"] } });
  expect(networks.length).toBeGreaterThan(5);
  for (const { Name, Labels } of networks) {
    const modelled = ci.networks.get(Name.replace("jlam-ci-", ""));
    expect(Labels).toMatchObject({ "nl.jlam.environment": "ci", "nl.jlam.because": modelled?.because });
  }
});

test("every volume of the project says what it holds", async () => {
  const { Volumes } = await engine.listVolumes({ filters: { label: ["com.docker.compose.project=jlam-ci"] } });
  expect(Volumes.length).toBeGreaterThanOrEqual(3);
  for (const { Name, Labels } of Volumes) {
    expect(Labels).toMatchObject({ "nl.jlam.environment": "ci", "nl.jlam.holds": ci.volumes.get(Name.replace("jlam-ci_", ""))?.holds });
  }
});

test("what belongs to the environment is found by its label, so that nothing is left at the end", async () => {
  const found = await leftovers(ci.name);
  expect(found).toEqual(expect.arrayContaining([expect.stringContaining("container /"), expect.stringContaining("network jlam-ci-"), expect.stringContaining("volume jlam-ci_")]));
});
