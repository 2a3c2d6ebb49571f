/** Ends a request with the error page of its status. It carries no text: the page says it in Dutch. */
export class PageError extends Error {
  override readonly name = "PageError";
  readonly statusCode: number;

  constructor(statusCode: number, cause?: unknown) {
    super(`answered with status ${statusCode}`, { cause });
    this.statusCode = statusCode;
  }
}
