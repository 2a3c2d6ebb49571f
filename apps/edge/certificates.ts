import { backedUp, issued, job, provided, volume, type Acme, type Certificates, type DynamicConfiguration, type Mount, type Secret, type StaticConfiguration } from "@jlam/compose-dsl";
import { node } from "@jlam/platform";
import { dnsAccess } from "./dns.ts";

/** Traefik's own user: it needs no right that root has. */
export const traefikUser = "65532:65532";

const accountDirectory = "/acme";
const authorityName = "ACME_AUTHORITY";
const msPerHour = 3_600_000;

const account = volume("traefik-acme", {
  holds: "keys",
  backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }),
});

/** Secrets that Traefik needs to serve https: a DNS provider's key, or the certificate of the local authority. */
export const certificateSecrets = (certificates: Certificates): Readonly<Record<string, Secret>> =>
  certificates.kind === "acme"
    ? {
        ...dnsAccess(certificates.dns).secrets,
        ...(certificates.ownAuthority && { [authorityName]: provided(`PEM certificate of the authority of ${certificates.directory}`) }),
      }
    : { TLS_CERTIFICATE: issued("certificate"), TLS_KEY: issued("key") };

/** Where the DNS provider's program code finds those files. */
export const certificateSettings = (certificates: Certificates) => (certificates.kind === "acme" ? dnsAccess(certificates.dns).settings : {});

/** ACME keeps its account and certificates; the local authority's come as secrets. */
export const certificateMounts = (certificates: Certificates): Readonly<Record<`/${string}`, Mount>> =>
  certificates.kind === "acme" ? { [accountDirectory]: account } : {};

/**
 * Docker makes a named volume as root's where the image has no such directory, as is so in Traefik's, and Traefik could
 * write neither account nor certificates. This runs before each start, and changes nothing after the first.
 */
const accountOwner = job("traefik-acme-owner", {
  owner: "platform",
  zone: "public",
  holds: "keys",
  image: node,
  command: ["chown", traefikUser, accountDirectory],
  user: "0:0",
  capabilities: ["CHOWN"],
  exceptions: { "non-root": "only root may give a directory to somebody else; it keeps that right alone, has no network, and ends at once" },
  mounts: { [accountDirectory]: account },
  resources: { memory: "32M", cpus: 0.25, pids: 16 },
});

/** What must have run before Traefik can keep certificates. */
export const certificateJobs = (certificates: Certificates): readonly (typeof accountOwner)[] =>
  certificates.kind === "acme" ? [accountOwner] : [];

/** How Traefik gets certificates from the authority, under the name by which routers ask for them. */
export const certificatesResolver = (certificates: Acme): NonNullable<StaticConfiguration["certificatesResolvers"]> => ({
  acme: {
    acme: {
      email: certificates.email,
      caServer: certificates.directory,
      ...(certificates.ownAuthority && { caCertificates: [`/run/secrets/${authorityName}`] }),
      storage: `${accountDirectory}/acme.json`,
      keyType: "EC256",
      certificatesDuration: Math.round(certificates.validity.ms / msPerHour),
      dnsChallenge: {
        provider: certificates.dns.kind,
        ...(certificates.resolvers.length > 0 && { resolvers: certificates.resolvers, propagation: { disableANSChecks: true, requireAllRNS: true } }),
      },
    },
  },
});

/** TLS options and certificates; labels can't hold them, so they are in the watched directory. */
export const tlsConfiguration = (certificates: Certificates): DynamicConfiguration => ({
  tls: {
    options: {
      default: {
        minVersion: "VersionTLS12",
        sniStrict: true,
        // Mozilla's "intermediate" list without CBC and without finite-field key exchange; TLS 1.3 has its own.
        cipherSuites: [
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        ],
        curvePreferences: ["X25519MLKEM768", "X25519", "CurveP256", "CurveP384"],
      },
    },
    ...(certificates.kind === "local-authority" && {
      certificates: [{ certFile: "/run/secrets/TLS_CERTIFICATE", keyFile: "/run/secrets/TLS_KEY" }],
    }),
  },
});
