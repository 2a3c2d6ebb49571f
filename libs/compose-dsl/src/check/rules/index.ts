import type { Rule } from "../rule.ts";
import { coveredByMissing, dataDecision, sharedVolume, volumeClash } from "./data.ts";
import { modelWins, newerKey, refusedLabel } from "./escape-hatch.ts";
import { fileClash, mountPath } from "./files.ts";
import { allCapabilities, emptyReason, healthCheck, hostPaths, root, writableRoot } from "./hardening.ts";
import { httpProbe, imageClash, imageDigest, imageLock, imageTag } from "./images.ts";
import { limits, memoryFileSystems, memorySum } from "./limits.ts";
import { nameRule, providedTwice, settingCollision, stackName } from "./names.ts";
import { subnetOverlap, zoneCrossing } from "./networks.ts";
import { hostPort, portClash, portNumber, publishedAddress } from "./ports.ts";
import { undefinedReference, unusedProvider } from "./references.ts";
import { blueGreenRule, drainBudget, objectiveRange, upgradeVersion } from "./releases.ts";
import { routeHost, routePath, routePriority, routerName, routeShadow } from "./routes.ts";
import { secretFileClash, secretInValue, sharedSecret } from "./secrets.ts";
import { signInClients, signInGroups, signInRoute, signInWall, wallWithoutDoor } from "./sign-in.ts";
import { standInReleased, standInTarget } from "./stand-ins.ts";
import { dependencyCycle, healthyWithoutCheck, includeCycle, startOrder, unawaitedJob } from "./start-order.ts";
import { unusedMiddleware, unusedPort, unusedSecret, unusedWaiver } from "./unused.ts";

/** Every rule, in the order in which findings are printed: what stops a start first, what is merely left over last. */
export const rules: readonly Rule[] = [
  // What is referred to, and in which order it starts.
  undefinedReference,
  providedTwice,
  healthyWithoutCheck,
  dependencyCycle,
  startOrder,
  unawaitedJob,
  includeCycle,
  standInTarget,
  standInReleased,
  // Names, ports and files that can only be had once.
  nameRule,
  stackName,
  settingCollision,
  portNumber,
  portClash,
  mountPath,
  fileClash,
  volumeClash,
  secretFileClash,
  sharedSecret,
  // What a container may do, and what it may cost.
  secretInValue,
  root,
  writableRoot,
  allCapabilities,
  hostPaths,
  healthCheck,
  httpProbe,
  emptyReason,
  limits,
  memoryFileSystems,
  memorySum,
  // Who reaches whom.
  hostPort,
  publishedAddress,
  zoneCrossing,
  subnetOverlap,
  routeHost,
  routePath,
  routePriority,
  routerName,
  routeShadow,
  signInRoute,
  signInWall,
  signInClients,
  signInGroups,
  wallWithoutDoor,
  // Data, images, releases, promises.
  dataDecision,
  coveredByMissing,
  sharedVolume,
  imageTag,
  imageClash,
  imageDigest,
  imageLock,
  blueGreenRule,
  drainBudget,
  objectiveRange,
  upgradeVersion,
  // The layer below the model.
  modelWins,
  newerKey,
  refusedLabel,
  // What nobody uses.
  unusedProvider,
  unusedSecret,
  unusedPort,
  unusedMiddleware,
  unusedWaiver,
];
