/**
 * Describe the services of a Docker Compose platform once, as typed values; derive the rest.
 * @module
 */

/** Services and what they declare. */
export { service, job, type Service, type Job, type ServiceNode, type Limits } from "./model/service.ts";
export { image, build, colouredImageVariable, imageVariable, type Image, type RegistryImage, type BuiltImage } from "./model/image.ts";
export { http, exec, type Health } from "./model/health.ts";
export { file, port, from, url, host, environmentName, proxyRange, frontRanges, type Setting } from "./model/setting.ts";
export { generated, provided, credential, clientSecret, accountsToken, derived, issued, type Secret } from "./model/secret.ts";
export { volume, readOnly, hostPath, text, yaml, json, deferred, directory, type ConfigFile, type Mount, type Volume } from "./model/storage.ts";
export { scrape, alert, jsonLines, plainLines, type Alert, type Objectives, type Severity } from "./model/observe.ts";
export { oidc, forwardAuth, machines, type SignIn, type OidcSignIn, type ForwardAuthSignIn } from "./model/sign-in.ts";
export { blueGreen, recreate, streamsEnd, type Release } from "./model/release.ts";
export { alone, oneByOne, versionInTag, withinMajor, type Upgrade } from "./model/upgrade.ts";
export type { HardeningRule, HardeningExceptions } from "./model/hardening.ts";

/** Resources: what services need, and the edges that lead to them. */
export { postgres, redis, objectStore, mail, identity, resourceId, type Resource, type Role } from "./model/resource.ts";
export { backedUp, betweenSets, notBackedUp, coveredBy, type BackupDecision, type DataClass, type Zone } from "./model/data.ts";
export { to, type Edge, type Endpoint } from "./model/edge.ts";

/** The layer below: everything that Compose can say, typed. */
export type { ComposeFile, ComposeService } from "./compose/specification.ts";

/** Routing. */
export { route, type Route } from "./model/route.ts";
export { middleware, type Middleware } from "./model/middleware.ts";

export type { StaticConfiguration } from "./traefik/static.ts";
export type { DynamicConfiguration } from "./traefik/dynamic.ts";

/** Stacks, providers and environments. */
export { stack, type Stack, type Surroundings, type Proxy, type Versions } from "./model/stack.ts";
export {
  containerProvider,
  outsideProvider,
  stackProvider,
  identityHeaders,
  type Provider,
  type Binding,
  type Clients,
} from "./model/provider.ts";
export {
  environment,
  atVersions,
  isReleased,
  override,
  acme,
  localAuthority,
  lockedImages,
  replaceableImages,
  type Acme,
  type Certificates,
  type DnsProvider,
  type EnvironmentNode,
  type Override,
} from "./model/environment.ts";
export { machineSecrets, openBaoSecrets, sealedSecrets, versionInUse, type SealedFile, type SecretValues } from "./model/secret-values.ts";
export { gated, ungated, weekly, weekend, dates, type Freeze, type ReleaseRules } from "./model/release-rules.ts";

/** Values that cannot be wrong, and where they were written. */
export { bytes, duration, gib, hours, kib, mib, minutes, days, seconds, type Bytes, type BytesInput, type Duration, type DurationInput } from "./model/units.ts";
export { originOf, type Origin } from "./model/origin.ts";

/** From a declaration to files. */
export { resolveEnvironment } from "./resolve/environment.ts";
export { publicUrl } from "./resolve/host-name.ts";
export { settledSurroundings } from "./resolve/surroundings.ts";
export { outsideNetwork } from "./resolve/edges.ts";
export { takesCallback } from "./resolve/sign-in.ts";
export type {
  ResolvedEnvironment,
  ResolvedService,
  ResolvedSecret,
  ResolvedNetwork,
  ResolvedRoute,
  ResolvedStack,
} from "./resolve/resolved.ts";
export type { Why } from "./resolve/why.ts";
export { emitFiles, contentHash, manifestName, switchFile, type EmittedFiles } from "./emit/files.ts";
export { previewSuffix, releaseApiHost } from "./emit/traefik-routes.ts";
export { liveFolderVariable, releaseFolderVariable, releaseSecretsVariable, secretsFolderVariable } from "./emit/host-folders.ts";
export { colouredName, colours, isColoured, otherColour, type Colour } from "./resolve/colours.ts";
export { projectName } from "./emit/compose-file.ts";
export { networkName } from "./emit/labels.ts";

/** What is wrong with a platform, as data. */
export { checkEnvironment, checkPlatform } from "./check/check.ts";
export { formatDiagnostic, placeOf } from "./check/format.ts";
export { modelled as modelledKeys } from "./check/rules/escape-hatch.ts";
export type { Diagnostic } from "./check/diagnostic.ts";

/** How two environments, or two states of one, differ. */
export { diffEnvironments } from "./diff/environments.ts";
export { diffFiles, differs, type ChangedNetwork, type EnvironmentDiff, type Recreated } from "./diff/diff.ts";
export { diffInWords } from "./diff/words.ts";
export type { Change, SectionDiff } from "./diff/compare.ts";
export type { Fact, SectionName } from "./diff/picture.ts";
export type { Loss } from "./diff/weaknesses.ts";

/** What put an emitted value there. */
export { explainEnvironment, type Explanation } from "./explain/explain.ts";
export { findExplanations, type Found } from "./explain/find.ts";
