/** Weighted linear least squares with a ridge, by Gaussian elimination. */

/**
 * Return the terms of which sums of `basis` (a Float64Array for each term) are nearest to each of `wanted`.
 *
 * Squares are weighted, and `ridge` is added to those of the terms themselves.
 */
export function solved(basis, wanted, weights, ridge) {
  const size = basis.length;
  const matrix = basis.map(() => new Float64Array(size + wanted.length));
  basis.forEach((term, i) => {
    const weighted = term.map((one, at) => one * weights[at]);
    for (let j = i; j < size; j += 1) matrix[i][j] = matrix[j][i] = dot(weighted, basis[j]);
    wanted.forEach((values, channel) => (matrix[i][size + channel] = dot(weighted, values)));
    matrix[i][i] += ridge;
  });
  return eliminated(matrix, size, wanted.length);
}

function dot(one, other) {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += one[at] * other[at];
  return sum;
}

function eliminated(matrix, size, count) {
  for (let i = 0; i < size; i += 1) {
    let best = i;
    for (let row = i + 1; row < size; row += 1) if (Math.abs(matrix[row][i]) > Math.abs(matrix[best][i])) best = row;
    [matrix[i], matrix[best]] = [matrix[best], matrix[i]];
    for (let row = 0; row < size; row += 1) {
      if (row === i) continue;
      const factor = matrix[row][i] / matrix[i][i];
      for (let at = i; at < size + count; at += 1) matrix[row][at] -= factor * matrix[i][at];
    }
  }
  return Array.from({ length: count }, (_, channel) => Float64Array.from(matrix, (row, i) => row[size + channel] / row[i]));
}
