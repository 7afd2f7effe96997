/** What became of a picture without a result: `kind` is a key of `messages/texts.js`, as of the server's `Failure`. */
export class LocalFailure extends Error {
  constructor(kind, message = "") {
    super(message);
    this.kind = kind;
  }
}
