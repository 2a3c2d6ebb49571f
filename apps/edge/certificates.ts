import { backedUp, file, issued, provided, volume, type DynamicConfiguration, type EnvironmentNode, type Mount, type Secret } from "@jlam/compose-dsl";

type Certificates = EnvironmentNode["certificates"];

const account = volume("traefik-acme", {
  holds: "keys",
  backup: backedUp({ loseAtMost: "24h", recoverWithin: "10m" }),
});

/** Secrets that Traefik needs to serve https: a DNS provider's key, or the certificate of the local authority. */
export const certificateSecrets = (certificates: Certificates): Readonly<Record<string, Secret>> =>
  certificates.kind === "acme"
    ? {
        SCW_SECRET_KEY: provided("Scaleway API key that may edit the DNS zone, and nothing else"),
        SCW_PROJECT_ID: provided("Scaleway project of the DNS zone"),
      }
    : { TLS_CERTIFICATE: issued("certificate"), TLS_KEY: issued("key") };

/** Where the DNS provider's program code finds those files. */
export const certificateSettings = (certificates: Certificates) =>
  certificates.kind === "acme"
    ? { SCW_SECRET_KEY_FILE: file("SCW_SECRET_KEY"), SCW_PROJECT_ID_FILE: file("SCW_PROJECT_ID") }
    : {};

/** ACME keeps its account and certificates; the local authority's come as secrets. */
export const certificateMounts = (certificates: Certificates): Readonly<Record<`/${string}`, Mount>> => (certificates.kind === "acme" ? { "/acme": account } : {});

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
