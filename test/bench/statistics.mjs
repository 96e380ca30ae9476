/** Median, extremes and the middle half, of milliseconds. */
export function summarize(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => {
    const place = (sorted.length - 1) * share;
    const low = Math.floor(place);
    return sorted[low] + (sorted[Math.ceil(place)] - sorted[low]) * (place - low);
  };
  return {
    n: sorted.length,
    median: round(at(0.5)),
    min: round(sorted[0]),
    max: round(sorted.at(-1)),
    q1: round(at(0.25)),
    q3: round(at(0.75)),
    values: values.map(round),
  };
}

function round(value) {
  return Math.round(value * 10) / 10;
}
