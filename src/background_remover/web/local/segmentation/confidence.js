/** The confidence of a cut: one number in [0, 1], from the coarse alpha alone, by the model's own curve. */

/** Return the expected IoU of the cut at one half, if every pixel's alpha is its probability of being subject. */
export function agreement({ data }) {
  let [intersection, union] = [0, 0];
  for (const alpha of data) {
    if (alpha > 0.5) {
      intersection += alpha;
      union += 1;
    } else {
      union += alpha;
    }
  }
  return intersection ? intersection / union : 0;
}

/** Return the mean IoU of cuts with this agreement; `curve` are points, `0:0 0.5:0.31 1:0.97`, interpolated linearly. */
export function confidence(alpha, curve) {
  const points = curve.split(" ").map((point) => point.split(":").map(Number));
  const agreed = agreement(alpha);
  const after = points.findIndex(([x]) => x >= agreed);
  if (after <= 0) return after === 0 ? points[0][1] : points.at(-1)[1];
  const [[x0, y0], [x1, y1]] = [points[after - 1], points[after]];
  return y0 + ((agreed - x0) * (y1 - y0)) / (x1 - x0);
}
