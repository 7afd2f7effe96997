/** The progress of some work. */

/** Fires "change" whenever something about it is another. */
export class Progress extends EventTarget {
  phase = "waiting"; // loading, sending, cutting, receiving, paused, done, failed, empty
  share = 0; // of the phase, in [0, 1]
  wait = 0; // seconds until a busy server is asked again
  failure = null;

  /** Waits for its turn once more. */
  again() {
    this.failure = null;
    this.enter("waiting");
  }

  /** Fails without asking the server. */
  refuse(kind) {
    this.failure = { kind, message: "" };
    this.enter("failed");
  }

  /** Begins a phase, or goes on with it. */
  enter(phase, share = 0, wait = 0) {
    Object.assign(this, { phase, share, wait });
    this.changed();
  }

  /** Tells whoever shows it that it is another. */
  changed() {
    this.dispatchEvent(new Event("change"));
  }
}
