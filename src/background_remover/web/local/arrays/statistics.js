/** Order statistics of numbers, as NumPy has them: between two numbers linear. */

/** Return the quantile of numbers, 0 to 1. */
export function quantile(numbers, share) {
  const parted = new Float64Array(numbers);
  const place = share * (parted.length - 1);
  const low = Math.floor(place);
  partAt(parted, low);
  let next = low + 1 < parted.length ? Infinity : parted[low];
  for (let at = low + 1; at < parted.length; at += 1) next = Math.min(next, parted[at]);
  return parted[low] + (next - parted[low]) * (place - low);
}

/** Return the median of numbers. */
export function median(numbers) {
  return quantile(numbers, 0.5);
}

/** Moves numbers so that the one at a place is that of the sorted ones, none before it larger and none behind smaller (Hoare, "Find", 1961). */
function partAt(numbers, place) {
  let [first, last] = [0, numbers.length - 1];
  while (first < last) {
    const middle = numbers[(first + last) >> 1];
    let [left, right] = [first, last];
    while (left <= right) {
      while (numbers[left] < middle) left += 1;
      while (numbers[right] > middle) right -= 1;
      if (left > right) break;
      [numbers[left], numbers[right]] = [numbers[right], numbers[left]];
      left += 1;
      right -= 1;
    }
    if (place <= right) last = right;
    else if (place >= left) first = left;
    else return;
  }
}
