import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { extname, join } from "node:path";

import type { FastifyInstance } from "fastify";

import { PageError } from "./page-error.ts";

interface Asset {
  readonly url: string;
  readonly type: string;
  readonly content: Buffer;
}

/** The files that pages refer to, each under an address that changes with its content. */
export interface Assets {
  /**
   * The address of an asset, such as `/assets/site.0a1b2c3d4e5f.css`.
   *
   * @throws RangeError for a file that isn't there: a mistake in the page, seen by its first test.
   */
  url(file: string): string;
  readonly byFile: ReadonlyMap<string, Asset>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Patterns of the routes that {@link serveAssets} adds. */
export const ASSET_ROUTES = ["/assets/:file", "/favicon.ico"] as const;

const ADDRESS = /^(?<stem>[a-z-]+)\.[0-9a-f]{12}(?<extension>\.[a-z]+)$/;

/** Reads every style sheet and image of `directory` into memory; they are few and small. */
export async function loadAssets(directory: string): Promise<Assets> {
  const byFile = new Map<string, Asset>();
  for (const file of (await readdir(directory)).sort()) {
    const extension = extname(file);
    const type = TYPES[extension];
    if (type === undefined) continue;
    const content = await readFile(join(directory, file));
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
    byFile.set(file, { url: `/assets/${file.slice(0, -extension.length)}.${hash}${extension}`, type, content });
  }
  return {
    byFile,
    url(file) {
      const asset = byFile.get(file);
      if (asset === undefined) throw new RangeError(`There is no asset ${file} in ${directory}.`);
      return asset.url;
    },
  };
}

/**
 * Serves the assets. An address whose hash is of another release still gets the present content, uncached: while two
 * releases run side by side, a page of one may ask the other.
 */
export function serveAssets(application: FastifyInstance, assets: Assets): void {
  application.get<{ Params: { file: string } }>(ASSET_ROUTES[0], (request, reply) => {
    const match = ADDRESS.exec(request.params.file)?.groups;
    const asset = assets.byFile.get(`${match?.["stem"]}${match?.["extension"]}`);
    if (asset === undefined) throw new PageError(404);
    const isPresent = asset.url === `/assets/${request.params.file}`;
    return reply
      .header("cache-control", isPresent ? "public, max-age=31536000, immutable" : "no-store")
      .type(asset.type)
      .send(asset.content);
  });
  application.get(ASSET_ROUTES[1], (_request, reply) => reply.redirect(assets.url("favicon.svg"), 302));
}
