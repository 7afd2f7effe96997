/** Order statistics of numbers, as NumPy has them: between two numbers linear. */

/** Return the quantile of numbers, 0 to 1. */
export function quantile(numbers, share) {
  const sorted = Float64Array.from(numbers).sort();
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
}

/** Return the median of numbers. */
export function median(numbers) {
  return quantile(numbers, 0.5);
}
