/** `Failure`: the error of any request for a picture. */

/** What became of a request that brought no picture; `kind` is a key of `texts.js`, the message the server's own. */
export class Failure extends Error {
  constructor(kind, message = "", wait = 0) {
    super(message);
    this.kind = kind;
    this.wait = wait; // seconds after which a busy server wants to be asked again
  }
}
