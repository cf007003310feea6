// A distribution of latencies in bins that are each 1 % wider than the last:
// every percentile is right to 1 %, and an hour takes no more memory than a
// minute.

const least = 0.01; // ms; what is shorter counts as this
const width = Math.log(1.01);
const bins = Math.ceil(Math.log(600_000 / least) / width); // up to ten minutes

export class Stats {
  #counts = new Uint32Array(bins);
  #sum = 0;
  n = 0;

  add(ms) {
    const bin = Math.floor(Math.log(Math.max(ms, least) / least) / width);
    this.#counts[Math.min(bin, bins - 1)]++;
    this.#sum += ms;
    this.n++;
  }

  get mean() {
    return this.#sum / this.n;
  }

  // percentile is the latency that a share q of the events did not exceed.
  percentile(q) {
    const rank = Math.ceil(q * this.n);
    for (let bin = 0, seen = 0; bin < bins; bin++) {
      seen += this.#counts[bin];
      if (seen >= rank) return middle(bin);
    }
    return NaN;
  }

  // curve is the measured distribution: pairs of a latency and the share of
  // the events that took at most that.
  curve() {
    const points = [];
    this.#counts.forEach((count, bin) => {
      if (count > 0) points.push([middle(bin), count]);
    });
    let seen = 0;
    return points.map(([ms, count]) => [ms, (seen += count) / this.n]);
  }
}

const middle = (bin) => least * Math.exp((bin + 0.5) * width);
