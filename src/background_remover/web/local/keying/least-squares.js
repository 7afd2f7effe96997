/** Weighted linear least squares with a ridge, by Gaussian elimination. */

/** Return the terms, one array for each of `wanted`, of which rows . terms are nearest to what is wanted. */
export function solved(rows, wanted, weights, ridge) {
  const size = rows[0].length;
  const matrix = Array.from({ length: size }, () => new Float64Array(size + wanted.length));
  rows.forEach((row, index) => {
    for (let i = 0; i < size; i += 1) {
      const weighted = row[i] * weights[index];
      const line = matrix[i];
      for (let j = 0; j < size; j += 1) line[j] += weighted * row[j];
      wanted.forEach((values, channel) => (line[size + channel] += weighted * values[index]));
    }
  });
  for (let i = 0; i < size; i += 1) matrix[i][i] += ridge;
  return eliminated(matrix, size, wanted.length);
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
