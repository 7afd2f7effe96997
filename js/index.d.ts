/** Which kind of failure an error of `removeBackground` is, in its `kind`. */
export type FailureKind =
  /** No subject was found. */
  | "empty"
  /** The picture can't be decoded, or an option can't be used. */
  | "refused"
  /** This browser has no WebAssembly with SIMD. */
  | "unsupported"
  /** The package's files can't be loaded. */
  | "away"
  /** One of them arrives only in part, twice. */
  | "incomplete"
  /** No memory is left. */
  | "memory"
  /** The worker broke off. */
  | "crashed"
  | (string & {});

/** What `removeBackground` throws, apart from an `AbortError`. */
export interface Failure extends Error {
  kind: FailureKind;
}

/** A length: pixels, or per cent of the picture's longer side, as in "2%". */
export type Length = number | string;

/** A combination of options in which one has no effect, or contradicts another one, is refused. */
export interface Options {
  /** Where the folders `model` and `runtime` and `site.json` of this package are served; beside `index.js` by default. */
  files?: string;
  /** Whether a graphics card may run the network, where the package was made with WebGPU; by default it may. */
  webgpu?: boolean;
  /** Ends the work: an `AbortError` is thrown. */
  signal?: AbortSignal;
  /** How far the work is: a share in [0, 1] of "loading" (once) and of "cutting". */
  onProgress?: (stage: "loading" | "cutting", share: number) => void;
  /** The alpha, as a picture: it is taken in place of the network's; not with clicks or a box. */
  mask?: Blob;
  /** What is put behind: "none", a colour, "gradient:COLOUR,COLOUR[,ANGLE]", "blur:RADIUS", or a picture. */
  background?: string | Blob;
  /** How `background` is fitted behind the subject; needs a picture or "blur:RADIUS" there. */
  backgroundFit?: "cover" | "contain" | "stretch";
  format?: "png" | "webp" | "jpg";
  /** Of WebP and JPEG alone, 1 to 100; 0 is the format's own. */
  quality?: number;
  /** Pixels in an inch, of PNG and JPEG; 0 gives none. */
  dpi?: number;
  /** Where there is no subject, return the empty cutout. */
  allowEmpty?: boolean;
  /**
   * Return the alpha as a grey picture; not with `background`, `shadow`, `keepShadow`, `outline`, `crop`, `canvas` or
   * `place`.
   */
  onlyMask?: boolean;
  /** Clicks on the subject, `X,Y` in pixels or %, with spaces between them, as in "40%,50% 60%,50%". */
  points?: string;
  /** Clicks on what isn't the subject. */
  notPoints?: string;
  /** A box around the subject: `X,Y,WIDTH,HEIGHT` in pixels or %. */
  box?: string;
  /** Keep all separate subjects, the largest, or a number of the largest. */
  subjects?: "all" | "largest" | number;
  /**
   * Whether a plain ground is removed by its colour: where one is found, always, or never. "plain" not with what chooses
   * a subject: `mask`, `points`, `notPoints`, `box` or `subjects`.
   */
  ground?: "auto" | "plain" | "photo";
  /** Remove this colour, wherever it is; not with `ground` or what chooses a subject. */
  removeColour?: string;
  /** How far from it, in levels of 255, a colour is removed as well; needs `removeColour`. */
  tolerance?: number;
  /** Add a shadow; the four options after it need it. */
  shadow?: boolean;
  shadowKind?: "drop" | "contact" | "floating";
  /** From 0 to 1. */
  shadowOpacity?: number;
  shadowBlur?: Length;
  /** How far it lies right and down, as in "1%,2%". */
  shadowOffset?: string;
  /** Keep the shadow on a plain ground, as black with transparency; not with `ground: "photo"` or `mask`. */
  keepShadow?: boolean;
  /** A band around the subject: its width and colour, as in "2%,white". */
  outline?: string;
  /** Crop the picture to the subject's box. */
  crop?: boolean;
  /** Around the box; needs `crop` or `canvas`. */
  margin?: Length;
  /** Put the box on a canvas of this size, as in "1200x1200". */
  canvas?: string;
  /** How much of the canvas the box may fill, up to 1; needs `canvas`. */
  scale?: number;
  /** Where on the canvas, as in "centre" or "bottom"; needs `canvas`. */
  position?: string;
  /**
   * Where on the canvas, how large and how far turned: `X,Y[,SCALE[,ANGLE]]`, as in "50%,60%,1.2,-8"; not with `crop` or
   * `position`.
   */
  place?: string;
}

/** Cuts the subject out of a picture: a PNG with straight alpha by default. Throws a `Failure` or an `AbortError`. */
export function removeBackground(image: Blob, options?: Options): Promise<Blob>;

/**
 * Loads and opens the network before the first picture. The worker then practises for some seconds, until a picture comes,
 * so that the first one takes no longer than the next ones. Throws a `Failure`.
 */
export function prepare(options?: Pick<Options, "files" | "webgpu">): Promise<void>;

/** Ends the workers, which hold the network in memory; the next picture begins them anew. */
export function release(): Promise<void>;
